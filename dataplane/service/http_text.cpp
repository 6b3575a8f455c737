#include "service/http_text.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace lastack::service {
namespace {

struct StatusWords {
    unsigned status;
    std::string_view phrase;
    std::string_view text;
};

constexpr StatusWords kStatuses[] = {
    {200, "OK", ""},
    {400, "Bad Request", "The request is malformed, or two readers could read it differently.\n"},
    {404, "Not Found", "There are /, /bytes/N (N up to 2^40), /delay/MS and /echo.\n"},
    {405, "Method Not Allowed", "The Allow field names the methods of this path.\n"},
    {408, "Request Timeout", "The request did not arrive in time.\n"},
    {413, "Content Too Large", "The request's body is larger than this server reads.\n"},
    {414, "URI Too Long", "The request target is longer than this server reads.\n"},
    {417, "Expectation Failed", "The only expectation met here is 100-continue.\n"},
    {431, "Request Header Fields Too Large", "The header is longer than this server reads.\n"},
    {501, "Not Implemented", "The method or the transfer coding is not known here.\n"},
    {503, "Service Unavailable", "No timer is free to wait with; try again.\n"},
    {505, "HTTP Version Not Supported", "HTTP/1.0 and HTTP/1.1 are spoken here.\n"},
};

const StatusWords& words_of(unsigned status) {
    for (const StatusWords& words : kStatuses) {
        if (words.status == status) return words;
    }
    std::abort();  // a status that the server gives and the table lacks
}

}  // namespace

void HttpOutput::append(std::string_view text) {
    if (empty()) clear();
    if (text.size() > bytes_.size() - size_) std::abort();  // a head of ours outgrew the buffer
    std::memcpy(bytes_.data() + size_, text.data(), text.size());
    size_ = static_cast<std::uint16_t>(size_ + text.size());
}

void HttpOutput::append_number(std::uint64_t number, int base) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

bool HttpOutput::flush(Connection connection) {
    if (empty()) return true;
    const Bytes left = std::as_bytes(std::span(bytes_)).subspan(sent_, std::size_t{size_} - sent_);
    sent_ = static_cast<std::uint16_t>(sent_ + connection.send(left));
    return empty();
}

void append_head(HttpOutput& output, const HttpHead& head) {
    output.append("HTTP/1.1 ");
    output.append_number(head.status);
    output.append(" ");
    output.append(http_phrase(head.status));
    output.append("\r\nServer: lastack\r\nContent-Type: ");
    output.append(head.content_type);
    if (!head.allow.empty()) {
        output.append("\r\nAllow: ");
        output.append(head.allow);
    }
    if (head.chunked) {
        output.append("\r\nTransfer-Encoding: chunked");
    } else {
        output.append("\r\nContent-Length: ");
        output.append_number(head.content_length);
    }
    switch (head.persistence) {
        case HttpHead::Persistence::implied:
            break;
        case HttpHead::Persistence::says_keep_alive:
            output.append("\r\nConnection: keep-alive");
            break;
        case HttpHead::Persistence::says_close:
            output.append("\r\nConnection: close");
            break;
    }
    output.append("\r\n\r\n");
}

std::string_view http_phrase(unsigned status) {
    return words_of(status).phrase;
}

std::string_view http_refusal_text(unsigned status) {
    return words_of(status).text;
}

std::string_view http_page() {
    return "<!doctype html>\n"
           "<html lang=\"en\"><meta charset=\"utf-8\"><title>lastack</title>\n"
           "<h1>lastack</h1>\n"
           "<p>You are talking to lastack: a TCP endpoint that runs beside the kernel, on its own\n"
           "network port, and is built for the end of connections: FIN, ACK and TIME-WAIT.</p>\n"
           "<ul>\n"
           "<li><a href=\"/bytes/1000\">/bytes/N</a>: N bytes of a fixed pattern\n"
           "<li><a href=\"/delay/250\">/delay/MS</a>: an answer after MS milliseconds\n"
           "<li>/echo: POST or PUT, and the body comes back\n"
           "</ul></html>\n";
}

}  // namespace lastack::service
