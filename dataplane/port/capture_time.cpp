#include "port/capture_time.hpp"

#include <rte_mbuf_dyn.h>

#include "port/mbufs.hpp"

namespace lastack::port {

namespace {

struct StampField {
    std::size_t offset = 0;  // 0: there is none, for an mbuf begins with its address
    std::uint64_t flag = 0;
};

// net_pcap registers the field when a port of it starts, which is before frames come.
StampField find_field() {
    StampField out;
    const int offset = rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, nullptr);
    if (offset > 0) out.offset = static_cast<std::size_t>(offset);
    const int bit = rte_mbuf_dynflag_lookup(RTE_MBUF_DYNFLAG_RX_TIMESTAMP_NAME, nullptr);
    if (bit >= 0) out.flag = std::uint64_t{1} << bit;
    return out;
}

}  // namespace

std::uint64_t capture_time_us(base::BufferRef frame) {
    static const StampField field = find_field();
    const rte_mbuf* const mbuf = mbuf_of(frame);
    if (field.offset == 0 || (mbuf->ol_flags & field.flag) == 0) return 0;
    return *RTE_MBUF_DYNFIELD(mbuf, field.offset, const rte_mbuf_timestamp_t*);
}

}  // namespace lastack::port
