#include "tests/model/ladder.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "tests/model/canonical.hpp"
#include "tests/model/failure.hpp"
#include "tests/model/tuple.hpp"

namespace lastack::model {

namespace {

// The distance from the ISS that is nearest before it.
std::string number(const World& world, unsigned end, wire::Seq seq) {
    const World::Core& core = world.core();
    for (unsigned life = core.iss_count[end]; life > 0; --life) {
        const wire::Seq iss(core.iss[end][life - 1]);
        if (seq.before(iss) && life > 1) continue;
        const auto distance = static_cast<std::int32_t>(iss.distance(seq));
        std::string text = std::to_string(distance);
        return life > 1 ? text + std::string(life - 1, '\'') : text;
    }
    return std::to_string(seq.value());
}

std::string segment(const World& world, unsigned from, const Flight& flight) {
    const auto view = wire::TcpView::parse(flight.bytes().subspan(kTcpAt));
    const wire::TcpHeader header = view->header();
    std::string text;
    const auto add = [&](bool has, const char* name) {
        if (!has) return;
        if (!text.empty()) text += ',';
        text += name;
    };
    add(header.flags.syn(), "SYN");
    add(header.flags.fin(), "FIN");
    add(header.flags.rst(), "RST");
    add(header.flags.ack(), "ACK");
    text += " seq " + number(world, from, header.seq);
    if (header.flags.ack()) text += " ack " + number(world, 1 - from, header.ack);
    if (!view->text().empty()) text += " text " + std::to_string(view->text().size());
    return text;
}

std::string what(const World& world, Action action) {
    const char end = "ab"[action.end];
    const auto flight = [&] {
        return segment(world, 1U - action.end, world.core().flights[action.end][action.place]);
    };
    switch (action.kind) {
        case Kind::Connect:
            return std::string(1, end) + " connect()";
        case Kind::Send:
            return std::string(1, end) + " send(1 byte)";
        case Kind::ShutDown:
            return std::string(1, end) + " shutdown_write()";
        case Kind::Close:
            return std::string(1, end) + " close()";
        case Kind::Abort:
            return std::string(1, end) + " abort()";
        case Kind::Deliver:
            return std::string(1, end) + " receives  " + flight();
        case Kind::Duplicate:
            return std::string("doubled before ") + end + ": " + flight();
        case Kind::Tick:
            return std::string(1, end) + " timer";
    }
    return "?";
}

}  // namespace

std::string ladder(const Scenario& scenario, const std::vector<Action>& path) {
    std::ostringstream out;
    World world(scenario);
    const auto states = [&] {
        out << "      " << std::left << std::setw(26) << world.state_name(0) << "  "
            << world.state_name(1) << '\n';
    };
    const auto began = world.core().now;
    out << "  at ms   a                           b\n";
    states();
    for (const Action action : path) {
        std::string failure;
        out << std::right << std::setw(7)
            << std::chrono::duration_cast<std::chrono::milliseconds>(world.core().now - began)
                   .count()
            << "   " << what(world, action) << '\n';
        try {
            world.apply(action);
        } catch (const Failure& failed) {
            failure = failed.what();
        }
        for (const World::Sent& sent : world.sent_last()) {
            const std::string text = segment(world, sent.from, sent.flight);
            out << "            " << (sent.from == 0 ? "a --> b  " : "a <-- b  ") << text
                << (sent.lost ? "  (lost)" : "") << '\n';
        }
        if (!failure.empty()) {
            out << "          ! " << failure << '\n';
            return out.str();
        }
        states();
    }
    out << dump(world);
    return out.str();
}

}  // namespace lastack::model
