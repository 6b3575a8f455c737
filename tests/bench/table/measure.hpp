// One size: every contender filled with the same flows and put through the same work, in turns.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/report.hpp"
#include "tests/bench/table/contender.hpp"
#include "tests/bench/table/population.hpp"

namespace lastack::bench {

/// A size's name, and how many flows that is.
struct Size {
    std::string name;
    std::uint32_t entries = 0;
};

class Measure {
  public:
    Measure(Size size, unsigned rounds);

    /// Fills, then does all work `rounds` times. False: somebody gave a wrong answer, which is
    /// told.
    bool run();
    /// What the work took: medians of the rounds, the better of batches of 32 and 64.
    std::vector<Row> rows() const;

  private:
    using Block = std::uint64_t (*)(Contender&, Queries, Queries);

    /// One piece of work by everybody in turn: nanoseconds of CPU time per query. `expected` is
    /// what each must answer.
    void everybody(const std::string& what, Queries queries, Queries others, std::uint64_t expected,
                   Block block);
    void fill();
    void round();
    void find_round();
    void change_round();
    void churn_round();
    void reader_round();
    void beside_reader(Contender& contender, const std::string& what, bool looks_up);

    double median(const std::string& what, const std::string& name) const;
    Row row(const std::string& what, const std::string& unit,
            const std::vector<std::string>& of) const;

    Size size_;
    unsigned rounds_;
    std::uint32_t block_;
    Population population_;
    std::vector<std::unique_ptr<Contender>> contenders_;
    std::vector<Query> warm_;  // read before a timed piece, so that all start alike
    std::map<std::string, std::map<std::string, std::vector<double>>> samples_;
    bool right_ = true;
};

}  // namespace lastack::bench
