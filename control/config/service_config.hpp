// One [[service]] of the file: which service, with the options of its own header.
#pragma once

#include <string_view>
#include <variant>

#include "service/chargen.hpp"
#include "service/discard.hpp"
#include "service/echo.hpp"
#include "service/http.hpp"
#include "service/load.hpp"

namespace lastack::control {

struct ServiceConfig {
    std::variant<service::HttpOptions, service::EchoOptions, service::DiscardOptions,
                 service::ChargenOptions, service::LoadOptions>
        options;

    /// "http", "echo", ...: as in `kind = "http"`.
    std::string_view kind() const;

    /// Where it listens; nullptr for a client.
    const Endpoint* listen() const;
};

}  // namespace lastack::control
