// An arena is copied whole and never runs a destructor.
// expect: an arena never destroys
#include <string>

#include "base/arena.hpp"

using lastack::base::Arena;
inline void right(Arena& arena) {
    arena.carve<char>(7);
}

#ifdef MUST_NOT_COMPILE
inline void wrong(Arena& arena) {
    arena.carve<std::string>(7);
}
#endif
