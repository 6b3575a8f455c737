// EAL, DPDK's environment: started once per process, and taken down without a trace.
//
//     huge         --in-memory: huge pages, nothing in the file system; where there are none,
//                  ordinary pages, with a notice
//     huge_files   huge pages as files, so that dpdk-dumpcap can attach
//     none         --no-huge: ordinary pages; an ordinary user can run this
//
// Whether huge pages are there is asked before rte_eal_init(), by mapping some: EAL can be started
// only once, so there is no second try. EAL pins the calling thread to its core; the affinity is
// put back, for threads made later would inherit it.
//
// A process that has started EAL itself keeps it: it is then used as it is and not cleaned up. One
// thread makes and ends an Eal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "port/eal_directory.hpp"

namespace lastack::port {

struct EalConfig {
    enum class Memory : std::uint8_t { Huge, HugeFiles, None };
    Memory memory = Memory::Huge;
    std::uint32_t memory_mib = 384;
    std::string file_prefix;         // valid_file_prefix(), or empty: lastack-<process id>
    std::vector<std::string> allow;  // PCI addresses; no PCI device is touched when empty
    std::vector<std::string> extra;  // more EAL arguments, as they are
    unsigned cpu = 0;                // where the worker will run
};

class Eal {
  public:
    /// Throws Error, and then leaves nothing behind.
    explicit Eal(const EalConfig& config);
    ~Eal();
    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;

    bool uses_huge_pages() const { return huge_pages_; }
    /// The process had started EAL before.
    bool adopted() const { return adopted_; }
    /// What the operator should know.
    const std::vector<std::string>& notices() const { return notices_; }
    /// The directory in which EAL keeps what other processes may see.
    std::string runtime_directory() const { return eal_runtime_directory(prefix_); }

  private:
    std::vector<std::string> arguments(const EalConfig& config) const;
    void start(const EalConfig& config);
    void initialise(const EalConfig& config) const;
    void choose_memory(const EalConfig& config);

    std::string prefix_;
    std::optional<EalDirectory> directory_;  // none where EAL is another's
    std::vector<std::string> notices_;
    bool huge_pages_ = false;
    bool adopted_ = false;
};

/// True where `bytes` of huge pages can be had by this process now.
bool huge_pages_available(std::uint64_t bytes);

}  // namespace lastack::port
