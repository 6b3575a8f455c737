// std::less over Seq would build a tree that loses entries when the numbers wrap.
// expect: operator<
#include <algorithm>
#include <array>

#include "wire/seq.hpp"

using lastack::wire::Seq;
inline void right(std::array<Seq, 2>& seqs) {
    std::reverse(seqs.begin(), seqs.end());
}

#ifdef MUST_NOT_COMPILE
inline void wrong(std::array<Seq, 2>& seqs) {
    std::sort(seqs.begin(), seqs.end());
}
#endif
