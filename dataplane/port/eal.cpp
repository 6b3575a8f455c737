#include "port/eal.hpp"

#include <linux/memfd.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/assert.hpp"
#include "port/dpdk_log.hpp"
#include "port/error.hpp"
#include "port/held_stream.hpp"

namespace lastack::port {

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

// What has become of the one EAL that this process can start.
enum class Ours : std::uint8_t { NotYet, Running, Over };
Ours ours_in_this_process = Ours::NotYet;

/// Puts the calling thread's affinity back when it goes out of scope.
class AffinityKept {
  public:
    AffinityKept() : known_(sched_getaffinity(0, sizeof set_, &set_) == 0) {}
    ~AffinityKept() {
        if (known_) sched_setaffinity(0, sizeof set_, &set_);
    }
    AffinityKept(const AffinityKept&) = delete;
    AffinityKept& operator=(const AffinityKept&) = delete;

  private:
    cpu_set_t set_{};
    bool known_;
};

/// Maps `bytes` of pages of 2^`page_bits` bytes. A mapping reserves them: it fails where they are
/// not there, and nothing has to be touched.
bool can_map_huge(std::uint64_t bytes, unsigned page_bits) {
    const std::uint64_t page = std::uint64_t{1} << page_bits;
    const std::uint64_t length = (bytes + page - 1) / page * page;
    const int flags =
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | static_cast<int>(page_bits << MAP_HUGE_SHIFT);
    void* const memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED) return false;
    munmap(memory, length);
    return true;
}

std::string start_remedy(int error, EalConfig::Memory memory) {
    const bool ordinary_pages = memory == EalConfig::Memory::None;
    switch (error) {
        case EACCES:
        case EPERM:
            return ordinary_pages ? "run it as root"
                                  : "run it as root, or set eal.memory = \"none\"";
        case ENOMEM:
            return ordinary_pages ? "lower eal.memory_mib"
                                  : "lower eal.memory_mib, or reserve more huge pages";
        case EINVAL:
            return "look at eal.extra and eal.allow";
        case ENODEV:
            return "look at eal.allow: its PCI addresses are written like 0000:00:05.0";
        default:  // foreign: errno
            return ordinary_pages ? "look at eal.extra, and at what else DPDK's words name"
                                  : "set eal.memory = \"none\" to try without huge pages";
    }
}

}  // namespace

std::string errno_text(int error) {
    return std::strerror(error < 0 ? -error : error);
}

bool huge_pages_available(std::uint64_t bytes) {
    constexpr unsigned kTwoMiB = 21;
    constexpr unsigned kOneGiB = 30;
    return can_map_huge(bytes, kTwoMiB) || can_map_huge(bytes, kOneGiB);
}

Eal::Eal(const EalConfig& config)
    : prefix_(config.file_prefix.empty() ? "lastack-" + std::to_string(getpid())
                                         : config.file_prefix) {
    LA_ASSERT(valid_file_prefix(prefix_));
    choose_memory(config);
    DpdkLog::capture();
    DpdkLog::mark();
    start(config);
}

Eal::~Eal() {
    if (adopted_) return;
    DpdkLog::pass_on(false);
    rte_eal_cleanup();
    ours_in_this_process = Ours::Over;
}

void Eal::choose_memory(const EalConfig& config) {
    const std::string size = std::to_string(config.memory_mib) + " MiB";
    switch (config.memory) {
        case EalConfig::Memory::None:
            return;
        case EalConfig::Memory::Huge:
            huge_pages_ = huge_pages_available(config.memory_mib * kMiB);
            if (!huge_pages_) {
                notices_.push_back("no " + size +
                                   " of free huge pages: using ordinary pages; reserve some with "
                                   "echo " +
                                   std::to_string(config.memory_mib) +
                                   " > /proc/sys/vm/nr_hugepages for speed");
            }
            return;
        case EalConfig::Memory::HugeFiles:
            huge_pages_ = true;
            if (!huge_pages_available(config.memory_mib * kMiB)) {
                throw Error({.place = "eal.memory = \"huge_files\"",
                             .what = "there are no " + size + " of free huge pages",
                             .remedy = "reserve them with echo N > /proc/sys/vm/nr_hugepages and "
                                       "mount hugetlbfs, or set eal.memory = \"huge\""});
            }
            return;
    }
}

std::vector<std::string> Eal::arguments(const EalConfig& config) const {
    // Which lcore number a thread has is ours to choose; the CPU behind it is the operator's.
    std::vector<std::string> out{"lastack", "--lcores=0@" + std::to_string(config.cpu),
                                 "--file-prefix=" + prefix_, "-m",
                                 std::to_string(config.memory_mib)};
    if (!huge_pages_) {
        out.push_back("--no-huge");
    } else if (config.memory == EalConfig::Memory::Huge) {
        out.push_back("--in-memory");
    }
    if (config.allow.empty()) out.push_back("--no-pci");
    for (const std::string& address : config.allow) {
        out.push_back("-a");
        out.push_back(address);
    }
    out.push_back("--log-level=lib.*:4");  // 4: errors
    out.push_back("--log-level=pmd.*:4");
    out.push_back("--log-level=bus.*:4");
    out.insert(out.end(), config.extra.begin(), config.extra.end());
    return out;
}

void Eal::start(const EalConfig& config) {
    if (ours_in_this_process == Ours::Over) {
        throw Error(
            {.place = "EAL",
             .what = "it was started and ended before in this process, and starts only once",
             .remedy = "start the process anew"});
    }
    if (rte_lcore_count() > 0) {
        adopted_ = true;
        huge_pages_ = rte_eal_has_hugepages() != 0;
        notices_ = {"EAL was running already: it is used as it is, eal.* has no effect"};
        return;
    }
    directory_.emplace(prefix_);
    ours_in_this_process = Ours::Over;  // whatever comes of it
    initialise(config);
    ours_in_this_process = Ours::Running;
}

void Eal::initialise(const EalConfig& config) const {
    const AffinityKept affinity;
    std::vector<std::string> words = arguments(config);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    HeldStream usage(stdout);
    HeldStream errors(stderr);
    rte_errno = 0;  // not every failure sets it
    if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) >= 0) return;
    const int error = rte_errno;
    usage.take();  // a hundred lines that the operator need not see
    DpdkLog::add(errors.take());
    throw Error({.place = "EAL",
                 .what = "rte_eal_init failed" + (error == 0 ? "" : ": " + errno_text(error)) +
                         DpdkLog::words(),
                 .remedy = start_remedy(error, config.memory)});
}

}  // namespace lastack::port
