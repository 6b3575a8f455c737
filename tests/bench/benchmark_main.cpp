// The main() of every benchmark that is made with Google's library: its own arguments, and
// `--json FILE`, which all of ours know.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

/// "--json FILE" and "--json=FILE" in the library's own words.
std::vector<std::string> translated(int argc, char** argv) {
    std::vector<std::string> words;
    for (int i = 0; i < argc; ++i) {
        const std::string_view word = argv[i];
        const bool two = word == "--json" && i + 1 < argc;
        if (!two && !word.starts_with("--json=")) {
            words.emplace_back(word);
            continue;
        }
        const std::string file(two ? std::string_view(argv[++i]) : word.substr(7));
        words.push_back("--benchmark_out=" + file);
        words.emplace_back("--benchmark_out_format=json");
    }
    return words;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words = translated(argc, argv);
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    int count = static_cast<int>(pointers.size());
    pointers.push_back(nullptr);  // as behind every argv
    benchmark::Initialize(&count, pointers.data());
    if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;
    benchmark::AddCustomContext("march", LASTACK_CPU);
    if (benchmark::RunSpecifiedBenchmarks() == 0) return 1;
    benchmark::Shutdown();
    return 0;
}
