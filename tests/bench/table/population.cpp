#include "tests/bench/table/population.hpp"

namespace lastack::bench {

namespace {

wire::FlowKey4 key_of(std::uint64_t serial) {
    // An odd factor: 48 bits of serial number make 48 bits of remote end, each once.
    const std::uint64_t remote = serial * 0x9e37'79b9'7f4bU;
    return {{0xc612'0001},
            {static_cast<std::uint32_t>(remote >> 16)},
            80,
            static_cast<std::uint16_t>(remote)};
}

}  // namespace

Population::Population(std::uint32_t entries)
    : pages_(entries * sizeof(Record)),
      records_(reinterpret_cast<Record*>(pages_.bytes().data()), entries),
      serials_(entries) {
    for (std::uint32_t record = 0; record < entries; ++record) settle(record, next_++);
}

void Population::settle(std::uint32_t record, std::uint64_t serial) {
    serials_[record] = serial;
    records_[record] = {key_of(serial), record + 1};
}

Query Population::query(std::uint64_t serial, std::uint32_t record) const {
    const wire::FlowKey4 key = key_of(serial);
    return {key, 0, kHasher(key), record};
}

std::vector<Query> Population::everybody() const {
    std::vector<Query> out(entries());
    for (std::uint32_t record = 0; record < entries(); ++record) out[record] = query_in(record);
    return out;
}

std::vector<Query> Population::some(std::uint32_t count, bool distinct) {
    std::vector<Query> out;
    std::vector<bool> taken(distinct ? entries() : 0);
    while (out.size() < count) {
        const auto record = static_cast<std::uint32_t>(random_() % entries());
        if (distinct && taken[record]) continue;
        if (distinct) taken[record] = true;
        out.push_back(query_in(record));
    }
    return out;
}

std::vector<Query> Population::strangers(std::uint32_t count) {
    std::vector<Query> out;
    for (std::uint32_t i = 0; i < count; ++i) out.push_back(query(stranger_++, 0));
    return out;
}

std::vector<Query> Population::oldest(std::uint32_t count) const {
    std::vector<Query> out;
    for (std::uint32_t i = 0; i < count; ++i) out.push_back(query_in((oldest_ + i) % entries()));
    return out;
}

std::vector<Query> Population::fresh(std::uint32_t count) const {
    std::vector<Query> out;
    for (std::uint32_t i = 0; i < count; ++i) {
        out.push_back(query(next_ + i, (oldest_ + i) % entries()));
    }
    return out;
}

void Population::exchange(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        settle(oldest_, next_++);
        oldest_ = (oldest_ + 1) % entries();
    }
}

}  // namespace lastack::bench
