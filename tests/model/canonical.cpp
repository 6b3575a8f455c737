#include "tests/model/canonical.hpp"

#include <algorithm>
#include <sstream>

#include "tests/model/failure.hpp"
#include "tests/model/tuple.hpp"

namespace lastack::model {

using stack::StackFields;
using wire::Seq;

namespace {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Two lanes of a multiply-and-fold hash, with different keys.
Digest digest_of(std::span<const std::uint64_t> words) {
    Digest digest{0x243f'6a88'85a3'08d3 ^ words.size(), 0x1319'8a2e'0370'7344};
    for (const std::uint64_t word : words) {
        digest.low = mix(digest.low ^ word, 0xa409'3822'299f'31d1) + 0x082e'fa98'ec4e'6c89;
        digest.high = mix(digest.high ^ word, 0x4528'21e6'38d0'1377) + 0xbe54'66cf'34e9'0c6c;
    }
    digest.low = mix(digest.low ^ digest.high, 0xc0ac'29b7'c97c'50dd);
    digest.high = mix(digest.high ^ digest.low, 0x3f84'd5b5'b547'0917);
    return digest;
}

/// Numbers of one end's space, as (life, distance from its ISS).
std::uint64_t relative(const World::Core& core, unsigned end, Seq seq) {
    const auto& known = core.iss[end];
    for (unsigned life = core.iss_count[end]; life > 0; --life) {
        const Seq iss(known[life - 1]);
        // One before the ISS is a probe's number.
        const std::uint32_t distance = (iss - 1).distance(seq);
        if (distance < 1U << 24) return std::uint64_t{life} << 32 | distance;
    }
    return seq.value();
}

/// The visitor of the lists that writes words.
class Writer {
  public:
    explicit Writer(const World& world) : world_(world) {
        now_ms_ = static_cast<std::uint32_t>(time::tick_of(world.core().now));
    }

    void begin(unsigned end) { end_ = end; }
    void word(std::uint64_t value) {
        require(count_ < words_.size(), "a state longer than its writer");
        words_[count_++] = value;
    }

    template <class T>
    void same(const char*, T value) {
        word(static_cast<std::uint64_t>(value));
    }
    void ours(const char*, Seq seq) { word(relative(world_.core(), end_, seq)); }
    void theirs(const char*, Seq seq) { word(relative(world_.core(), 1 - end_, seq)); }
    void until(const char*, std::uint32_t tick) {
        const auto ahead = static_cast<std::int32_t>(tick - now_ms_);
        word(static_cast<std::uint64_t>(std::max(ahead, 0)));
    }
    void stamp(const char*, std::uint32_t value) { word(age(1 - end_, value)); }
    void pieces(const char*, const tcp::PieceList& list) {
        word(list.bytes);
        word(list.pieces);
        const auto& pool = StackFields::pieces(world_.stack(end_));
        std::uint32_t at = list.last;
        for (std::uint32_t left = list.pieces; left > 0; --left) {
            at = pool[at].next;
            for (const std::byte byte : pool[at].bytes()) word(static_cast<std::uint64_t>(byte));
        }
    }
    void runs(const char* name, const tcp::Reassembly& queue) {
        word(queue.runs);
        const auto& pool = StackFields::runs(world_.stack(end_));
        for (std::uint32_t i = queue.first; i != base::kNoIndex; i = pool[i].next) {
            theirs(name, pool[i].seq);
            pieces(name, pool[i].pieces);
        }
        if (queue.runs > 0) theirs(name, queue.freshest);
    }
    void sacked(const char* name, const tcp::Scoreboard& board) {
        word(board.runs);
        const auto& pool = StackFields::sacked(world_.stack(end_));
        for (std::uint32_t i = board.first; i != base::kNoIndex; i = pool[i].next) {
            ours(name, pool[i].left);
            ours(name, pool[i].right);
        }
    }
    template <class T>
    void frozen(const char*, T, const char*) {}

    /// Segments are a set: each becomes one word, and the words are sorted.
    void flights(unsigned to);

    Digest finish() const { return digest_of(std::span(words_).first(count_)); }

  private:
    /// How old a time stamp of `end`'s is; one that is no stamp (the echo on a first SYN) is
    /// itself.
    std::uint32_t age(unsigned end, std::uint32_t value) const {
        return value == 0 ? ~0U : now_ms_ + world_.core().stamp_offset[end] - value;
    }

    const World& world_;
    std::uint32_t now_ms_ = 0;
    unsigned end_ = 0;
    std::array<std::uint64_t, 512> words_;
    std::size_t count_ = 0;
};

void Writer::flights(unsigned to) {
    struct Entry {
        std::array<std::uint64_t, 16> words{};
        std::size_t count = 0;
    };
    std::array<Digest, kInFlight> digests{};
    for (unsigned place = 0; place < kInFlight; ++place) {
        const Flight& flight = world_.core().flights[to][place];
        if (flight.len_bytes == 0) continue;
        const auto view = wire::TcpView::parse(flight.bytes().subspan(kTcpAt));
        const wire::TcpHeader header = view->header();
        Entry entry;
        const auto put = [&](std::uint64_t value) { entry.words[entry.count++] = value; };
        put(std::uint64_t{header.flags.bits} << 16 | header.window);
        put(relative(world_.core(), 1 - to, header.seq));
        put(header.flags.ack() ? relative(world_.core(), to, header.ack) : 0);
        for (std::uint8_t i = 0; i < header.options.sack_count; ++i) {
            put(relative(world_.core(), to, header.options.sack[i].left));
            put(relative(world_.core(), to, header.options.sack[i].right));
        }
        if (header.options.timestamps) {
            put(age(1 - to, header.options.timestamps->value));
            put(age(to, header.options.timestamps->echo_reply));
        }
        for (const std::byte byte : view->text()) put(static_cast<std::uint64_t>(byte) | 0x100);
        digests[place] = digest_of(std::span(entry.words).first(entry.count));
    }
    std::ranges::sort(digests);
    for (const Digest& digest : digests) {
        word(digest.low);
        word(digest.high);
    }
}

/// The visitor of the lists that writes text.
class Dumper {
  public:
    Dumper(const World& world, std::ostream& out) : world_(world), out_(out) {
        now_ms_ = static_cast<std::uint32_t>(time::tick_of(world.core().now));
    }
    void begin(unsigned end) { end_ = end; }

    template <class T>
    void same(const char* name, T value) {
        if (static_cast<std::int64_t>(value) == 0) return;
        put(name) << static_cast<std::int64_t>(value);
    }
    void ours(const char* name, Seq seq) { number(name, end_, seq); }
    void theirs(const char* name, Seq seq) { number(name, 1 - end_, seq); }
    void until(const char* name, std::uint32_t tick) {
        put(name) << "in " << static_cast<std::int32_t>(tick - now_ms_) << " ms";
    }
    void stamp(const char* name, std::uint32_t value) { put(name) << value; }
    void pieces(const char* name, const tcp::PieceList& list) {
        if (list.bytes > 0) put(name) << list.bytes << " bytes";
    }
    void runs(const char* name, const tcp::Reassembly& queue) {
        if (queue.runs > 0) put(name) << queue.runs << " runs";
    }
    void sacked(const char* name, const tcp::Scoreboard& board) {
        if (board.runs > 0) put(name) << board.bytes << " in " << board.runs << " runs";
    }
    template <class T>
    void frozen(const char*, T, const char*) {}

  private:
    std::ostream& put(const char* name) { return out_ << "\n    " << name << " = "; }
    void number(const char* name, unsigned end, Seq seq) {
        const std::uint64_t at = relative(world_.core(), end, seq);
        put(name) << "ISS" << (at >> 32 > 1 ? "'" : "") << " + "
                  << static_cast<std::int64_t>(at & 0xffff'ffff) - 1;
        out_ << '\n';
        return;
    }

    const World& world_;
    std::ostream& out_;
    std::uint32_t now_ms_ = 0;
    unsigned end_ = 0;
};

template <class Visitor, class Between>
void visit_records(Visitor& v, const World& world, unsigned end, Between&& record) {
    const stack::Stack& stack = world.stack(end);
    const tcp::FieldContext context = StackFields::context(stack, world.core().now);
    const auto& syns = StackFields::syns(stack);
    const auto& tcbs = StackFields::tcbs(stack);
    const auto& time_waits = StackFields::time_waits(stack);
    for (std::uint32_t i = 0; i < syns.capacity(); ++i) {
        if (syns[i].record.state.is(tcp::State::Closed)) continue;
        record("SynSlot");
        fields(v, context, syns[i], time_waits);
    }
    for (std::uint32_t i = 0; i < tcbs.capacity(); ++i) {
        if (tcbs[i].phase == stack::TcbSlot::Phase::Free) continue;
        record("TcbSlot");
        fields(v, context, tcbs[i]);
    }
    for (std::uint32_t i = 0; i < time_waits.capacity(); ++i) {
        if (time_waits[i].record.state.is(tcp::State::Closed)) continue;
        record("TimeWaitSlot");
        fields(v, context, time_waits[i]);
    }
}

void visit_application(Writer& v, const World& world, unsigned end) {
    const World::Core& core = world.core();
    const auto& [index, generation, sends_left, bytes_sent, bytes_received, connects, opens,
                 has_connection, open, peer_closed, shut_down, closed, aborted, told_closed,
                 reason] = core.applications[end];
    static_cast<void>(index), static_cast<void>(generation);  // a handle's value means nothing
    static_cast<void>(aborted), static_cast<void>(reason);    // written only
    const bool over = closed || told_closed;
    v.word(std::uint64_t{over ? std::uint8_t{0} : sends_left} | std::uint64_t{bytes_sent} << 8 |
           std::uint64_t{bytes_received} << 16 | std::uint64_t{connects} << 24 |
           std::uint64_t{opens} << 32);
    v.word(static_cast<std::uint64_t>(has_connection | open << 1 | peer_closed << 2 |
                                      (shut_down || closed) << 3 | closed << 4 | told_closed << 5));
    v.word(core.races_left > 0 ? core.raced[end] : 0);
}

Digest canonical_from(const World& world, unsigned first) {
    Writer writer(world);
    const World::Core& core = world.core();
    writer.word(std::uint64_t{core.losses_left} << 16 | std::uint64_t{core.duplicates_left} << 8 |
                core.races_left);
    for (const unsigned end : {first, 1 - first}) {
        writer.begin(end);
        visit_application(writer, world, end);
        std::uint64_t kind = 0;
        visit_records(writer, world, end, [&](const char* name) {
            writer.word(++kind << 8 | static_cast<std::uint64_t>(name[0] + name[1]));
        });
        writer.flights(end);
    }
    return writer.finish();
}

}  // namespace

Digest canonical(const World& world) {
    const Digest digest = canonical_from(world, 0);
    const bool alike = world.scenario().programs[0] == world.scenario().programs[1];
    return alike ? std::min(digest, canonical_from(world, 1)) : digest;
}

std::string dump(const World& world) {
    std::ostringstream out;
    Dumper dumper(world, out);
    for (unsigned end = 0; end < 2; ++end) {
        out << "end "
            << "ab"[end] << ", " << world.state_name(end);
        dumper.begin(end);
        visit_records(dumper, world, end, [&](const char* name) { out << "\n  " << name; });
        out << '\n';
    }
    return out.str();
}

}  // namespace lastack::model
