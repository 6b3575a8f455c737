#include "port/eal_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/assert.hpp"
#include "port/error.hpp"

namespace lastack::port {

namespace {

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

std::string parent_directory() {
    if (getuid() == 0) return "/var/run/dpdk";
    const char* const of_user = std::getenv("XDG_RUNTIME_DIR");
    return std::string(of_user != nullptr && *of_user != '\0' ? of_user : "/tmp") + "/dpdk";
}

/// Does another process hold a lock on this file? A primary process of DPDK does on its `config`.
bool locked_by_dpdk(const std::string& path) {
    const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return false;
    struct flock question {};
    question.l_type = F_WRLCK;
    question.l_whence = SEEK_SET;
    const bool locked = fcntl(fd, F_GETLK, &question) == 0 && question.l_type != F_UNLCK;
    close(fd);
    return locked;
}

/// Is the file behind `fd` still the one that `path` names?
bool still_named(int fd, const std::string& path) {
    struct stat opened {};
    struct stat named {};
    return fstat(fd, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

[[noreturn]] void refuse(const std::string& prefix) {
    throw Error({.place = "EAL",
                 .what = "file_prefix " + prefix + " is used by another process",
                 .remedy = "choose another eal.file_prefix"});
}

}  // namespace

bool valid_file_prefix(std::string_view prefix) {
    constexpr std::size_t kLongest = 48;
    return !prefix.empty() && prefix.size() <= kLongest && prefix != "." && prefix != ".." &&
           std::all_of(prefix.begin(), prefix.end(), is_name_letter);
}

std::string eal_runtime_directory(const std::string& prefix) {
    return parent_directory() + "/" + prefix;
}

EalDirectory::EalDirectory(const std::string& prefix)
    : path_(eal_runtime_directory(prefix)), lock_path_(path_ + "/lastack.lock") {
    LA_ASSERT(valid_file_prefix(prefix));
    mkdir(parent_directory().c_str(), S_IRWXU);  // modes as DPDK's own
    const bool made = mkdir(path_.c_str(), S_IRWXU) == 0;
    made_by_lastack_ = made || access(lock_path_.c_str(), F_OK) == 0;
    if (!made && locked_by_dpdk(path_ + "/config")) refuse(prefix);
    // Another's end may take the file away between our opening and our locking it.
    constexpr int kTries = 3;
    for (int i = 0; i < kTries; ++i) {
        if (!lock()) refuse(prefix);
        if (lock_fd_ < 0 || still_named(lock_fd_, lock_path_)) return;
        close(lock_fd_);
        lock_fd_ = -1;
        made_by_lastack_ = true;
        mkdir(path_.c_str(), S_IRWXU);
    }
    refuse(prefix);
}

/// False where another process has the lock. What cannot even be opened, EAL will complain of.
bool EalDirectory::lock() {
    lock_fd_ = open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (lock_fd_ < 0 || flock(lock_fd_, LOCK_EX | LOCK_NB) == 0) return true;
    close(lock_fd_);
    lock_fd_ = -1;
    return false;
}

EalDirectory::~EalDirectory() {
    if (lock_fd_ < 0) return;
    std::error_code ignored;  // what is not there need not be removed
    if (made_by_lastack_) {
        std::filesystem::remove_all(path_, ignored);
    } else {
        std::filesystem::remove(lock_path_, ignored);
    }
    close(lock_fd_);
}

}  // namespace lastack::port
