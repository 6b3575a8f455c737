#include "stack/trace_ring.hpp"

#include "stack/convert.hpp"

namespace lastack::stack {

std::size_t TraceRing::read(std::uint64_t number, std::span<TraceEvent> out) const {
    if (records_.empty()) return 0;
    const std::uint64_t oldest = next_ > records_.size() ? next_ - records_.size() : 0;
    if (number < oldest) number = oldest;
    std::size_t count = 0;
    for (; number < next_ && count < out.size(); ++number, ++count) {
        const TraceRecord& record = records_[number % records_.size()];
        TraceEvent& event = out[count];
        event.number = number;
        event.at = record.at;
        event.local = local_endpoint(record.key);
        event.remote = remote_endpoint(record.key);
        event.kind = record.kind;
        event.before = record.before;
        event.after = record.after;
        event.cause = record.cause;
        event.flags = record.flags;
        event.seq = record.seq;
        event.ack = record.ack;
        event.text_bytes = record.text_bytes;
        event.window = record.window;
    }
    return count;
}

}  // namespace lastack::stack
