// What DPDK prints instead of logging it, held back while EAL starts.
//
//     HeldStream errors(stderr);    rte_eal_init() says there why it failed, a second time
//     HeldStream usage(stdout);     and here it prints a hundred lines about its arguments
//
// The C library lets both names be assigned: meanwhile they stand for a stream in memory. The
// descriptors are untouched, so that a sanitizer still reaches the operator.
#pragma once

#include <cstdio>
#include <string>

namespace lastack::port {

class HeldStream {
  public:
    /// `stream` is stdout or stderr.
    explicit HeldStream(FILE*& stream);
    /// What was not taken is printed where it belongs.
    ~HeldStream();
    HeldStream(const HeldStream&) = delete;
    HeldStream& operator=(const HeldStream&) = delete;

    /// Ends the holding back; what was printed.
    std::string take();

  private:
    FILE*& stream_;
    FILE* const before_;
    FILE* held_ = nullptr;
    char* text_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace lastack::port
