// Errors of the API: RFC 9457's problem+json.
#pragma once

#include <string>
#include <string_view>

#include "control/server/message.hpp"
#include "worker/inspector.hpp"

namespace lastack::control {

/// What a handler throws, and Api turns into an answer. `detail` names the remedy.
struct ApiError {
    int status = 500;
    std::string title;
    std::string detail;
};

Response problem(const ApiError& error);

/// A worker that did not answer, as an error: 404 for one that does not exist, else 503.
ApiError no_answer(worker::Outcome outcome, const std::string& complaint);

/// Throws ApiError where the worker did not answer.
template <class T>
void require(const worker::Answer<T>& answer) {
    if (!answer) throw no_answer(answer.outcome, answer.complaint);
}

}  // namespace lastack::control
