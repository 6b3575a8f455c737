// A question to the control API and its answer, without HTTP around them.
#pragma once

#include <map>
#include <string>

namespace lastack::control {

struct Request {
    std::string method;  ///< "GET"
    std::string path;    ///< "/v1/status", decoded, without the query.
    std::map<std::string, std::string> query;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::string allow;  ///< The Allow header of a 405; else empty.
};

}  // namespace lastack::control
