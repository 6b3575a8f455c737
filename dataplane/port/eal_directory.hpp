// The directory in which EAL keeps what other processes may see, and which of them it belongs to.
//
//     /var/run/dpdk/PREFIX/              or $XDG_RUNTIME_DIR/dpdk/PREFIX/, or /tmp/dpdk/PREFIX/
//         config                         DPDK's; locked while a process shares its memory by it
//         lastack.lock                   ours; locked while an Eal lives, whatever its memory
//
// An EAL without shared memory (--in-memory) locks nothing of its own, so we do. Whoever holds both
// locks is alone. Invariant: only a directory that a lastack has made is ever removed, and only by
// the process that has it locked. Locks end with their process, so a killed one bars nobody.
#pragma once

#include <string>
#include <string_view>

namespace lastack::port {

/// May EAL's directory be called so? Letters, digits, '.', '_' and '-', at most 48 of them (the
/// names of sockets behind it must fit sun_path); neither "." nor "..", nor empty.
bool valid_file_prefix(std::string_view prefix);

/// What valid_file_prefix() asks for, in the operator's words.
inline constexpr std::string_view kFilePrefixRule =
    "1 to 48 letters, digits, '.', '_' and '-', and not \".\" or \"..\"";

/// Where EAL of this process puts the directory of `prefix`.
std::string eal_runtime_directory(const std::string& prefix);

class EalDirectory {
  public:
    /// Makes the directory, or takes over what a process that is gone has left, and locks it.
    /// Throws Error where another process uses it. Where it cannot be made, EAL itself says why.
    explicit EalDirectory(const std::string& prefix);
    /// Removes it, where it is ours.
    ~EalDirectory();
    EalDirectory(const EalDirectory&) = delete;
    EalDirectory& operator=(const EalDirectory&) = delete;

  private:
    bool lock();

    std::string path_;
    std::string lock_path_;
    int lock_fd_ = -1;
    bool made_by_lastack_ = false;
};

}  // namespace lastack::port
