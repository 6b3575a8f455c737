// EAL for a test program: started once, when the first test asks for it, on ordinary pages and with
// no PCI device, so that an ordinary user can run the tests.
#pragma once

#include <sched.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "port/eal.hpp"

namespace lastack::port {

inline unsigned first_cpu() {
    cpu_set_t set{};
    sched_getaffinity(0, sizeof set, &set);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &set)) return cpu;
    }
    return 0;
}

inline EalConfig eal_config_of_tests() {
    EalConfig config;
    config.memory = EalConfig::Memory::None;
    config.memory_mib = 160;
    config.cpu = first_cpu();
    return config;
}

/// Lives until the process exits.
inline Eal& eal_of_tests() {
    static Eal eal(eal_config_of_tests());
    return eal;
}

}  // namespace lastack::port
