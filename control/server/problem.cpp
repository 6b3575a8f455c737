#include "control/server/problem.hpp"

#include <nlohmann/json.hpp>

namespace lastack::control {

Response problem(const ApiError& error) {
    const nlohmann::ordered_json body{
        {"type", "about:blank"},
        {"title", error.title},
        {"status", error.status},
        {"detail", error.detail},
    };
    Response response;
    response.status = error.status;
    response.content_type = "application/problem+json";
    response.body = body.dump() + "\n";
    return response;
}

ApiError no_answer(worker::Outcome outcome, const std::string& complaint) {
    switch (outcome) {
        case worker::Outcome::no_such_worker:
            return {404, "No such worker", complaint};
        case worker::Outcome::timed_out:
            return {503, "The worker is too busy", complaint};
        case worker::Outcome::mailbox_full:
            return {503, "Too many questions wait", complaint};
        case worker::Outcome::stopped:
            return {503, "The worker does not run", complaint};
        case worker::Outcome::answered:
            break;
    }
    return {500, "An answer was taken for none", complaint};
}

}  // namespace lastack::control
