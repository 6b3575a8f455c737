// JSON text for reports: objects, written in order. For report() only, never on the path.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace lastack::service {

class JsonObject {
  public:
    JsonObject& add(std::string_view key, std::string_view text) {
        return add_raw(key, quoted(text));
    }
    JsonObject& add(std::string_view key, const char* text) {
        return add(key, std::string_view(text));
    }
    template <std::unsigned_integral Number>
    JsonObject& add(std::string_view key, Number number) {
        return add_raw(key, std::to_string(number));
    }
    JsonObject& add(std::string_view key, bool value) {
        return add_raw(key, value ? "true" : "false");
    }
    JsonObject& add(std::string_view key, double number) {
        char text[40];
        std::snprintf(text, sizeof text, "%.6g", number);
        return add_raw(key, text);
    }
    JsonObject& add(std::string_view key, const JsonObject& object) {
        return add_raw(key, object.text());
    }
    /// `json` is a complete JSON value.
    JsonObject& add_raw(std::string_view key, std::string_view json) {
        if (!members_.empty()) members_ += ',';
        members_ += quoted(key);
        members_ += ':';
        members_ += json;
        return *this;
    }

    std::string text() const { return '{' + members_ + '}'; }

  private:
    /// RFC 8259 7: quotation mark, reverse solidus and control characters are escaped.
    static std::string quoted(std::string_view text) {
        std::string out = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') {
                out += '\\';
                out += c;
            } else if (static_cast<unsigned char>(c) < 0x20) {
                char escape[8];
                std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
                out += escape;
            } else {
                out += c;
            }
        }
        return out + '"';
    }

    std::string members_;
};

}  // namespace lastack::service
