// Segments in: from a burst of frames to segments, each with the text that its buffers hold.

#include <array>

#include "stack/stack.hpp"
#include "wire/checksum.hpp"

namespace lastack::stack {

using base::Counter;

namespace {

constexpr std::size_t kMaxChain = 48;  // 64 KiB in buffers of 2 KiB, with room to spare

}  // namespace

// The batch only prefetches: each segment's look-up is done when its turn comes, for an earlier one
// of the burst may have replaced the record.
void Stack::receive(std::span<const Frame> burst, time::Instant now) {
    env_.now = now;
    while (!burst.empty()) {
        const std::size_t count = std::min(burst.size(), kBatch);
        std::size_t waiting = 0;
        const auto judge_waiting = [&] {
            for (const Pending& pending : std::span(pending_).first(waiting)) {
                receive_tcp(pending.datagram, *pending.frame, pending.hash);
            }
            waiting = 0;
        };
        const auto let_wait = [&](Pending& pending, const Frame& frame) {
            pending.frame = &frame;
            pending.hash = hasher_(pending.datagram.key);
            table_.prefetch(pending.hash);
            ++waiting;
        };
        for (const Frame& frame : burst.first(count)) {
            Pending& next = pending_[waiting];
            if (ip_.receive_at_once(frame, next.datagram)) {
                let_wait(next, frame);
                continue;
            }
            const Input input = ip_.receive_otherwise(frame, now);
            if (const auto* datagram = std::get_if<TcpDatagram>(&input)) {
                next.datagram = *datagram;
                let_wait(next, frame);
            } else if (const auto* error = std::get_if<ip::IcmpError>(&input)) {
                judge_waiting();  // what it quotes may be about a segment ahead of it
                receive_icmp(*error);
            }
        }
        judge_waiting();
        burst = burst.subspan(count);
    }
}

void Stack::receive_tcp(const TcpDatagram& datagram, const Frame& frame, std::uint64_t hash) {
    counters_.add(Counter::InSegs);
    const auto view = wire::TcpView::parse(datagram.first);
    if (!view || datagram.l4_checksum == Checksum::Bad) {
        counters_.add(Counter::InErrs);
        if (view) counters_.add(Counter::InCsumErrors);
        shell_->release(frame.buffer);
        return;
    }
    Arriving arriving{.key = datagram.key,
                      .hash = hash,
                      .segment = {.header = view->header(),
                                  .text = {},
                                  .text_bytes = datagram.segment_bytes -
                                                static_cast<std::uint32_t>(view->header_bytes())}};
    if (!adopt_text(datagram, frame, arriving)) return;
    if (datagram.key.remote_port == 0 || datagram.key.local_port == 0) {
        counters_.add(Counter::TcpInBadAddress);
    } else {
        dispatch(arriving);
    }
    env_.pieces.clear(arriving.segment.text);
}

// Verifies the checksum where the port has not, and turns the frame's buffers into pieces of the
// segment's text; buffers without text go back at once. False: a bad checksum, all released.
bool Stack::adopt_text(const TcpDatagram& datagram, const Frame& frame, Arriving& arriving) {
    Part first{frame.buffer, datagram.first};
    const std::size_t first_bytes = datagram.first.size();
    if (frame.chained_bytes == 0) {
        return adopt_parts(datagram, std::span(&first, 1), datagram.segment_bytes == first_bytes,
                           arriving.segment);
    }
    std::array<Part, kMaxChain> parts;
    std::size_t count = 0;
    parts[count++] = first;
    std::uint32_t left = datagram.segment_bytes - static_cast<std::uint32_t>(first_bytes);
    bool too_long = false;
    auto next = shell_->detach_next(frame.buffer);
    while (next.buffer != nullptr) {
        const base::BufferRef buffer = next.buffer;
        const std::size_t used = std::min<std::size_t>(left, next.bytes.size());
        const base::Bytes bytes = next.bytes.first(used);
        left -= static_cast<std::uint32_t>(used);
        next = shell_->detach_next(buffer);
        if (bytes.empty() || count == parts.size()) {
            too_long = too_long || !bytes.empty();
            shell_->release(buffer);
        } else {
            parts[count++] = {buffer, bytes};
        }
    }
    return adopt_parts(datagram, std::span(parts).first(count), left == 0 && !too_long,
                       arriving.segment);
}

// `whole`: the parts hold all of the segment.
bool Stack::adopt_parts(const TcpDatagram& datagram, std::span<Part> parts, bool whole,
                        tcp::Segment& segment) {
    bool good = whole;
    if (good && datagram.l4_checksum == Checksum::Unknown) {
        wire::Checksum sum =
            wire::pseudo_header_sum(wire::PseudoHeader4{.source = datagram.key.remote_address,
                                                        .destination = datagram.key.local_address,
                                                        .protocol = 6,
                                                        .bytes = datagram.segment_bytes});
        for (const Part& part : parts) sum.add(part.bytes);
        good = sum.finish() == 0;
    }
    if (!good) {
        counters_.add(Counter::InErrs);
        counters_.add(Counter::InCsumErrors);
    }
    const std::size_t header_bytes = datagram.segment_bytes - segment.text_bytes;
    parts[0].bytes = parts[0].bytes.subspan(std::min(header_bytes, parts[0].bytes.size()));
    for (const Part& part : parts) {
        const bool wanted = good && !part.bytes.empty();
        if (!wanted || !env_.pieces.append(segment.text, part.buffer, part.bytes)) {
            shell_->release(part.buffer);
        }
    }
    return good;
}

}  // namespace lastack::stack
