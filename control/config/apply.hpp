// From a document's nodes to values in a Config.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "control/config.hpp"
#include "control/config/document.hpp"
#include "control/config/key.hpp"

namespace lastack::control {

/// Writes values into `config`, remembers where each was written, and lists what is wrong. It goes
/// on after a mistake, so that one run shows all of them.
class Applier {
  public:
    Applier(Config& config, std::vector<Problem>& problems)
        : config_(config), problems_(problems) {}

    /// Ahead of everything else: the defaults that tcp.profile asks for, whether it stands in the
    /// file or among `sets`. Every key that is set then wins over it, wherever it stands.
    void apply_profile(const Node& root, std::span<const std::string> sets);

    void apply_document(const Node& root);

    /// `argument` is "tcp.msl=30s", "port.0.mtu=1400" or "sysctl.tcp_fin_timeout=60".
    void apply_set(const std::string& argument);

    /// Behind everything else: what the profile has changed was written where the profile was.
    void note_profile();

  private:
    /// A table of the file that a struct of the config stands for.
    struct Target {
        const Section* section = nullptr;
        std::size_t index = 0;
        std::string path;  ///< "tcp", "port.0"
    };
    struct Written {
        std::string_view name;  ///< As the operator wrote it, for messages.
        const Node* node;
    };

    void complain(const Place& place, std::string message);
    void apply_section(const Member& member);
    void apply_repeated(const Member& member, const Section& section);
    void apply_element(const Section& section, const Node& element);
    void apply_table(const Target& target, const Node& table);
    void apply_key(const Target& target, const Member& member);
    void apply_sysctl_table(const Node& table);
    void apply_sysctl(const Member& member);
    void apply_port_range(const Member& member);
    void apply_port_list(const Member& member);
    void apply_set_path(std::string_view path, Member member);
    const Section* service_section(const Node& element);
    void assign(const Target& target, const Key& key, const Value& value, const Written& written,
                std::string_view expected);
    bool claim(const std::string& path, const Written& written);

    Config& config_;
    std::vector<Problem>& problems_;
    bool from_command_line_ = false;
};

}  // namespace lastack::control
