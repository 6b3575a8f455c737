#include "control/ladder/render.hpp"

#include <algorithm>
#include <cstdio>

#include "control/ladder/verdict.hpp"

namespace lastack::control::ladder {
namespace {

constexpr std::size_t kTimeWidth = 11;
constexpr std::size_t kStateWidth = 12;  // "SYN-RECEIVED"
constexpr std::size_t kArrowWidth = 52;

constexpr std::string_view kLegend =
    "On the left, lastack's own state as it was. On the right, in (parentheses), the peer's "
    "state,\n"
    "inferred from the segments it sent. seq and ack count from each side's SYN; len is octets of\n"
    "text. \"again\": everything in it had been sent before. \"unanswered\": nothing acknowledged "
    "it.\n";

std::string flags_text(wire::TcpFlags flags) {
    struct Name {
        std::uint8_t bit;
        const char* name;
    };
    constexpr Name kNames[] = {
        {wire::TcpFlags::kSyn, "SYN"}, {wire::TcpFlags::kFin, "FIN"}, {wire::TcpFlags::kRst, "RST"},
        {wire::TcpFlags::kPsh, "PSH"}, {wire::TcpFlags::kUrg, "URG"}, {wire::TcpFlags::kAck, "ACK"},
    };
    std::string text;
    for (const Name& name : kNames) {
        if ((flags.bits & name.bit) == 0) continue;
        text += (text.empty() ? "" : ",");
        text += name.name;
    }
    return text.empty() ? "(none)" : text;
}

std::string label(const Step& step) {
    std::string text = flags_text(step.flags) + " seq " + std::to_string(step.seq);
    if (step.flags.ack()) text += " ack " + std::to_string(step.ack);
    if (step.text_bytes > 0) text += " len " + std::to_string(step.text_bytes);
    if (step.again) text += " again";
    if (step.unanswered) text += " unanswered";
    return text;
}

std::string dashes(std::size_t count) {
    return std::string(count, '-');
}

/// "---- label ------------->" or its mirror; a note stands alone in the middle.
std::string between_lines(const Step& step) {
    if (step.kind == Step::Kind::note) {
        const std::size_t width = std::min(kArrowWidth, step.note.size());
        const std::size_t left = (kArrowWidth - width) / 2;
        return std::string(left, ' ') + std::string(step.note) +
               std::string(kArrowWidth - width - left, ' ');
    }
    const std::string text = " " + label(step) + " ";
    const std::size_t room = kArrowWidth - std::min(kArrowWidth - 6, text.size()) - 1;
    if (step.kind == Step::Kind::sent) return dashes(4) + text + dashes(room - 4) + ">";
    return "<" + dashes(4) + text + dashes(room - 4);
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
    return text;
}

std::string time_text(std::chrono::nanoseconds since_start) {
    char text[32];
    std::snprintf(text, sizeof text, "%*.6f", static_cast<int>(kTimeWidth),
                  std::chrono::duration<double>(since_start).count());
    return text;
}

class Renderer {
  public:
    Renderer(const Story& story, const RenderOptions& options) : story_(story), options_(options) {}

    std::string run() {
        out_ = "lastack " + story_.local.to_string() + " and its peer " +
               story_.remote.to_string() + "\n\n";
        row(padded("seconds", 0).insert(0, kTimeWidth - 7, ' '), "lastack",
            std::string(kArrowWidth, ' '), "(peer)", "");
        const std::string peer =
            story_.peer_at_start ? state_text(*story_.peer_at_start) : std::string("(unknown)");
        row(std::string(kTimeWidth, ' '), std::string(tcp::name(story_.own_at_start)),
            std::string(kArrowWidth, ' '), peer, "");
        steps();
        out_ += "\n";
        for (const std::string& line : say(story_)) out_ += line + "\n";
        out_ += "\n";
        out_ += kLegend;
        return std::move(out_);
    }

  private:
    static std::string state_text(tcp::State state) {
        return "(" + std::string(tcp::name(state)) + ")";
    }

    void row(const std::string& time, const std::string& own, const std::string& middle,
             const std::string& peer, std::string_view colour) {
        std::string line = time + "  " + padded(own, kStateWidth) + "  |";
        line += colour.empty() ? middle : std::string(colour) + middle + "\033[0m";
        line += "|";
        if (!peer.empty()) line += "  " + peer;
        out_ += line + "\n";
    }

    /// Where many steps are to become few, both ends are worth more than the middle.
    void steps() {
        const std::size_t count = story_.steps.size();
        const std::size_t most = options_.max_rows == 0 ? count : options_.max_rows;
        const std::size_t head = count <= most ? count : most / 2;
        const std::size_t tail = count <= most ? count : count - (most - head);
        for (std::size_t i = 0; i < head; ++i) show(story_.steps[i]);
        if (head < tail) show_gap(head, tail);
        for (std::size_t i = tail; i < count; ++i) show(story_.steps[i]);
    }

    void show(const Step& step) {
        row(time_text(step.since_start), step.own ? std::string(tcp::name(*step.own)) : "",
            between_lines(step), step.peer ? state_text(*step.peer) : "", colour_of(step));
    }

    std::string_view colour_of(const Step& step) const {
        if (!options_.colour || step.kind == Step::Kind::note) return "";
        if (step.flags.rst()) return "\033[31m";               // red: violence
        if (step.again || step.unanswered) return "\033[33m";  // yellow: repair
        if (step.flags.fin()) return "\033[36m";               // cyan: the release
        if (step.flags.syn()) return "\033[32m";               // green: the opening
        return "";
    }

    void show_gap(std::size_t from, std::size_t to) {
        std::uint64_t own_bytes = 0;
        std::uint64_t peer_bytes = 0;
        for (std::size_t i = from; i < to; ++i) {
            const Step& step = story_.steps[i];
            const bool sent = step.kind == Step::Kind::sent;
            if (!step.again) (sent ? own_bytes : peer_bytes) += step.text_bytes;
        }
        out_ += "            ... " + std::to_string(to - from) +
                " rows not shown: " + std::to_string(own_bytes) + " octets from lastack, " +
                std::to_string(peer_bytes) + " from the peer ...\n";
    }

    const Story& story_;
    RenderOptions options_;
    std::string out_;
};

}  // namespace

std::string render(const Story& story, const RenderOptions& options) {
    return Renderer(story, options).run();
}

}  // namespace lastack::control::ladder
