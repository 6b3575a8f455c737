#include "port/frame_builder.hpp"

#include <rte_memory.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "port/mbufs.hpp"

namespace lastack::port {

namespace {

/// Links `mbuf` behind `tail` in the chain that begins with `head`.
void link(rte_mbuf* head, rte_mbuf*& tail, rte_mbuf* mbuf) {
    tail->next = mbuf;
    tail = mbuf;
    head->nb_segs = static_cast<std::uint16_t>(head->nb_segs + 1);
    head->pkt_len += mbuf->data_len;
}

}  // namespace

base::BufferBytes TextCursor::take(std::uint32_t at_most) {
    while (!pieces_.empty() && offset_ == pieces_.front().bytes.size()) {
        pieces_ = pieces_.subspan(1);
        offset_ = 0;
    }
    if (pieces_.empty() || at_most == 0) return {};
    const base::BufferBytes& piece = pieces_.front();
    const std::size_t count = std::min<std::size_t>(at_most, piece.bytes.size() - offset_);
    const base::BufferBytes run{piece.buffer, piece.bytes.subspan(offset_, count)};
    offset_ += count;
    return run;
}

std::uint32_t TextCursor::runs(std::uint32_t count) const {
    TextCursor ahead = *this;
    std::uint32_t number = 0;
    while (count > 0) {
        const auto taken = static_cast<std::uint32_t>(ahead.take(count).bytes.size());
        LA_ASSERT(taken > 0);
        count -= taken;
        ++number;
    }
    return number;
}

void TextCursor::sum(wire::Checksum& sum, std::uint32_t count) const {
    TextCursor ahead = *this;
    while (count > 0) {
        const base::Bytes bytes = ahead.take(count).bytes;
        LA_ASSERT(!bytes.empty());
        sum.add(bytes);
        count -= static_cast<std::uint32_t>(bytes.size());
    }
}

rte_mbuf* FrameBuilder::build(std::size_t header_bytes, TextCursor& text,
                              std::uint32_t text_bytes) {
    rte_mbuf* const head = pools_.allocate(PoolName::Frame);
    if (head == nullptr) return nullptr;
    LA_ASSERT(header_bytes <= rte_pktmbuf_tailroom(head));
    head->data_len = static_cast<std::uint16_t>(header_bytes);
    head->pkt_len = head->data_len;
    const bool made = must_copy(text, text_bytes) ? append_copied(head, text, text_bytes)
                                                  : append_attached(head, text, text_bytes);
    if (made) return head;
    rte_pktmbuf_free(head);
    return nullptr;
}

bool FrameBuilder::must_copy(const TextCursor& text, std::uint32_t text_bytes) const {
    if (text_bytes <= copy_bytes_ || !capabilities_.multi_segs) return true;
    TextCursor ahead = text;
    std::uint32_t runs = 0;
    for (std::uint32_t left = text_bytes; left > 0; ++runs) {
        const base::BufferBytes run = ahead.take(left);
        LA_ASSERT(!run.bytes.empty());
        if (!can_attach(run)) return true;
        left -= static_cast<std::uint32_t>(run.bytes.size());
    }
    return runs + 1 > capabilities_.max_segs;
}

bool FrameBuilder::can_attach(const base::BufferBytes& piece) const {
    if (piece.buffer == nullptr) return false;
    const rte_mbuf* const mbuf = mbuf_of(piece.buffer);
    if (pools_.is_external(mbuf)) {
        // A NIC reads only what has been mapped for it, which is DPDK's own memory.
        return capabilities_.foreign_memory ||
               rte_mem_virt2memseg_list(piece.bytes.data()) != nullptr;
    }
    // Freeing the last reference to a chain's first mbuf by way of an attached one would lose the
    // rest of the chain.
    return mbuf->next == nullptr;
}

bool FrameBuilder::append_copied(rte_mbuf* head, TextCursor& text, std::uint32_t text_bytes) {
    rte_mbuf* tail = head;
    while (text_bytes > 0) {
        std::uint16_t room = rte_pktmbuf_tailroom(tail);
        if (room == 0) {
            rte_mbuf* const more = pools_.allocate(PoolName::Frame);
            if (more == nullptr) return false;
            LA_ASSERT(capabilities_.multi_segs);  // else a frame's mbuf has room for the MTU
            link(head, tail, more);
            room = rte_pktmbuf_tailroom(more);
        }
        const base::Bytes bytes = text.take(std::min<std::uint32_t>(text_bytes, room)).bytes;
        LA_ASSERT(!bytes.empty());
        std::memcpy(rte_pktmbuf_mtod_offset(tail, char*, tail->data_len), bytes.data(),
                    bytes.size());
        tail->data_len = static_cast<std::uint16_t>(tail->data_len + bytes.size());
        head->pkt_len += static_cast<std::uint32_t>(bytes.size());
        text_bytes -= static_cast<std::uint32_t>(bytes.size());
    }
    return true;
}

bool FrameBuilder::append_attached(rte_mbuf* head, TextCursor& text, std::uint32_t text_bytes) {
    rte_mbuf* tail = head;
    while (text_bytes > 0) {
        const base::BufferBytes run = text.take(text_bytes);
        rte_mbuf* const mbuf = attach(run);
        if (mbuf == nullptr) return false;
        link(head, tail, mbuf);
        text_bytes -= static_cast<std::uint32_t>(run.bytes.size());
    }
    return true;
}

rte_mbuf* FrameBuilder::attach(const base::BufferBytes& piece) {
    rte_mbuf* const mbuf = pools_.allocate(PoolName::Attach);
    if (mbuf == nullptr) return nullptr;
    rte_mbuf* const owner = mbuf_of(piece.buffer);
    const auto len = static_cast<std::uint16_t>(piece.bytes.size());
    if (pools_.is_external(owner)) {
        // Of the lent memory only this run, so that its length fits the mbuf's 16 bits.
        void* const memory = const_cast<std::byte*>(piece.bytes.data());  // devices only read it
        rte_mbuf_ext_shared_info* const shinfo = &Pools::external_of(owner).shinfo;
        rte_mbuf_ext_refcnt_update(shinfo, 1);
        rte_pktmbuf_attach_extbuf(mbuf, memory, rte_mem_virt2iova(memory), len, shinfo);
    } else {
        rte_pktmbuf_attach(mbuf, owner);
        // What was received with the owner is not to be sent with this one.
        mbuf->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
        mbuf->data_off =
            static_cast<std::uint16_t>(reinterpret_cast<const char*>(piece.bytes.data()) -
                                       static_cast<const char*>(mbuf->buf_addr));
        LA_ASSERT(mbuf->data_off + len <= mbuf->buf_len);
    }
    mbuf->data_len = len;
    mbuf->pkt_len = len;
    return mbuf;
}

}  // namespace lastack::port
