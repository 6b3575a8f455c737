// The control: right in both readings. If this were refused, every snippet would seem to be.
#include "time/instant.hpp"
#include "wire/seq.hpp"

#ifdef MUST_NOT_COMPILE
static_assert(lastack::wire::Seq(0xffff'ffff).before(lastack::wire::Seq(1)));
#endif

constexpr lastack::time::Instant kLater = lastack::time::Instant() + lastack::time::kTick;
static_assert(lastack::time::tick_of(kLater) == 1);
