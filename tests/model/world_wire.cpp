// What leaves a stack, and whether it gets onto the wire.

#include <algorithm>

#include "tests/model/failure.hpp"
#include "tests/model/tuple.hpp"
#include "tests/model/world.hpp"

namespace lastack::model {

void World::note_syn(unsigned end, const wire::TcpHeader& header) {
    auto& known = core_->iss[end];
    std::uint8_t& count = core_->iss_count[end];
    const auto first = std::span(known).first(count);
    if (std::ranges::find(first, header.seq.value()) != first.end()) return;
    require(count < known.size(), "more lives of one tuple than the model keeps numbers of");
    known[count++] = header.seq.value();
    if (header.options.timestamps) {
        core_->stamp_offset[end] = header.options.timestamps->value -
                                   static_cast<std::uint32_t>(time::tick_of(core_->now));
    }
}

bool World::lost_by_fault(unsigned end, const wire::TcpHeader& header) const {
    switch (scenario_.fault) {
        case Fault::NoReAckInTimeWait:
            return in_time_wait_before_ && core_->time_wait_since_ms[end] >= 0;
        case Fault::FinLost:
        case Fault::FinLostForEver:
            return header.flags.fin();
        case Fault::None:
        case Fault::NoTimer:
        case Fault::ShortTimeWait:
        case Fault::TextChanged:
        case Fault::BufferKept:
        case Fault::StateWritten:
            return false;
    }
    return false;
}

void World::sent(unsigned end, std::span<const std::byte> frame) {
    if (!ready_) return;
    const auto view = wire::TcpView::parse(frame.subspan(std::min(kTcpAt, frame.size())));
    require(view.has_value(), "something that is not TCP left");
    const wire::TcpHeader header = view->header();
    if (header.flags.syn()) note_syn(end, header);
    Flight flight;
    require(frame.size() <= flight.frame.size(), "a frame that is longer than the model keeps");
    std::ranges::copy(frame, flight.frame.begin());
    flight.len_bytes = static_cast<std::uint16_t>(frame.size());
    auto& flights = core_->flights[1 - end];
    const auto free =
        std::ranges::find_if(flights, [](const Flight& f) { return f.len_bytes == 0; });
    const bool chosen = (lost_ >> sent_last_.size() & 1) != 0;
    if (chosen) --core_->losses_left;
    const bool lost = chosen || lost_by_fault(end, header);
    const bool overflow = free == flights.end() && !lost;
    sent_last_.push_back({end, flight, overflow || lost});
    if (overflow) ++overflows_;
    if (!overflow && !lost) *free = flight;
}

}  // namespace lastack::model
