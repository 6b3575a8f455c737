#include "tests/bench/lifecycle/applications.hpp"

#include <algorithm>

#include "tests/bench/generator/frame.hpp"

namespace lastack::bench {

namespace {

std::size_t size_of(std::span<const Bytes> pieces) {
    std::size_t sum = 0;
    for (const Bytes piece : pieces) sum += piece.size();
    return sum;
}

bool same(std::span<const Bytes> pieces, const std::vector<std::byte>& text) {
    auto at = text.begin();
    for (const Bytes piece : pieces) {
        if (!std::equal(piece.begin(), piece.end(), at)) return false;
        at += static_cast<std::ptrdiff_t>(piece.size());
    }
    return true;
}

}  // namespace

Responder::Responder(const Plan& plan, ApplicationTally& tally)
    : plan_(plan),
      tally_(tally),
      request_(text_of(plan.request_bytes, kRequestSeed)),
      response_(text_of(plan.response_bytes, kResponseSeed)) {}

bool Responder::start(Core& core, const std::function<void(std::string_view)>& complain) {
    const auto listening = core.listen({.address = {}, .port = Plan::kServicePort}, *this);
    if (!listening) complain(describe(listening.error));
    return static_cast<bool>(listening);
}

std::size_t Responder::on_data(Connection connection, std::span<const Bytes> pieces) {
    const std::size_t size = size_of(pieces);
    if (size < request_.size()) return 0;  // the rest comes, and then all is offered again
    if (size > request_.size() || !same(pieces, request_)) ++tally_.wrong_text;
    if (connection.send(response_) != response_.size()) ++tally_.refused;
    if (plan_.first_closer == Closer::Lastack) connection.close();
    return size;
}

Asker::Asker(const Plan& plan, std::uint32_t concurrency, ApplicationTally& tally)
    : plan_(plan),
      concurrency_(concurrency),
      tally_(tally),
      request_(text_of(plan.request_bytes, kRequestSeed)),
      response_(text_of(plan.response_bytes, kResponseSeed)) {}

bool Asker::start(Core& core, const std::function<void(std::string_view)>&) {
    core_ = &core;
    open_next();
    return true;
}

void Asker::open_next() {
    if (begun_ == plan_.lives) return;
    const auto source = static_cast<std::uint32_t>(begun_++ % plan_.sources);
    const Endpoint remote{.address = Address::ipv4(Plan::kFirstSource + source),
                          .port = Plan::kServicePort};
    if (!core_->connect(remote, *this, {})) ++tally_.refused;
}

void Asker::on_open(Connection connection) {
    if (tally_.opened++ == 0) {
        // The gateway's address is known now; ahead of that few SYNs can wait for it.
        for (std::uint32_t i = 1; i < concurrency_; ++i) open_next();
    }
    if (connection.send(request_) != request_.size()) ++tally_.refused;
}

std::size_t Asker::on_data(Connection connection, std::span<const Bytes> pieces) {
    const std::size_t size = size_of(pieces);
    if (size < response_.size()) return 0;
    if (size > response_.size() || !same(pieces, response_)) ++tally_.wrong_text;
    if (plan_.first_closer == Closer::Lastack) connection.close();
    return size;
}

void Asker::on_closed(Connection, CloseReason reason) {
    ++tally_.closed[static_cast<std::size_t>(reason)];
    open_next();
}

}  // namespace lastack::bench
