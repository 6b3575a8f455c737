#include "control/affinity.hpp"

namespace lastack::control {

Affinity::Affinity() {
    CPU_ZERO(&allowed_);
    ::sched_getaffinity(0, sizeof allowed_, &allowed_);
}

void Affinity::keep_off(unsigned cpu) const {
    cpu_set_t others = allowed_;
    if (cpu < CPU_SETSIZE) CPU_CLR(cpu, &others);
    // A refusal leaves the thread where it was, and it works there too.
    ::sched_setaffinity(0, sizeof others, CPU_COUNT(&others) > 0 ? &others : &allowed_);
}

}  // namespace lastack::control
