#include "tests/model/filed.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "tests/model/temporary_file.hpp"

namespace lastack::model {

FiledMemory::FiledMemory(std::size_t bytes) : bytes_(bytes) {
    const int file = open_temporary_file();
    data_ = MAP_FAILED;
    if (::ftruncate(file, static_cast<off_t>(bytes)) == 0) {
        data_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    const int error = errno;
    ::close(file);
    if (data_ == MAP_FAILED) {
        throw std::system_error(error, std::generic_category(), "a file in /var/tmp as memory");
    }
}

FiledMemory::~FiledMemory() {
    ::munmap(data_, bytes_);
}

}  // namespace lastack::model
