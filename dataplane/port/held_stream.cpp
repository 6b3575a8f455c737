#include "port/held_stream.hpp"

#include <cstdlib>

namespace lastack::port {

HeldStream::HeldStream(FILE*& stream)
    : stream_(stream), before_(stream), held_(open_memstream(&text_, &bytes_)) {
    if (held_ != nullptr) stream_ = held_;  // else it is printed at once
}

HeldStream::~HeldStream() {
    std::fputs(take().c_str(), before_);
}

std::string HeldStream::take() {
    if (held_ == nullptr) return {};
    stream_ = before_;
    std::fclose(held_);
    held_ = nullptr;
    std::string out(text_, bytes_);
    std::free(text_);
    return out;
}

}  // namespace lastack::port
