#pragma once
// What a workload is to the harness: a file in workloads/ that registers its cases. Two ways to run them: lines()
// prints JSON for a runner that compares programs in turn, table() compares each case with the loops written by hand.
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What a case does once it is set up.
struct Work {
    std::function<void(int steps)> run;  // returns when the results are there
    std::function<double()> check = {};  // a loss, which must fall; with epochs an accuracy
};
struct Case {
    std::string workload;         // "W3"
    std::string metric = "step";  // what is timed, of several of one workload
    std::string unit = "us";
    std::string mode = {};  // of several ways to do the same
    double per = 1;         // items a step: times are of one item
    double flops = 0;       // a step; for the rate, and the share of the machine's peak
    double bytes = 0;       // likewise, of the memory's bandwidth
    int epochs = 0;         // if given, a step is an epoch: one to warm up, so many timed
    std::function<Work()> make = {};
    std::function<Work()> bound = {};         // the same written by hand for this one case
    std::function<double()> difference = {};  // between the results of the two, relative
    double tolerance = 1e-5;                  // what the difference must not exceed
};
std::vector<Case>& cases();
/// `const Register w3({...});` at namespace scope.
struct Register {
    explicit Register(Case c) { cases().push_back(std::move(c)); }
};

struct Options {
    std::vector<std::string> workloads;  // empty: all
    std::string modes, tag;
    int threads = 1, slices = 5;
    double slice_s = 0.25;
    bool gate = false, startup = false, lines = false;

    Options(int argc, char** argv);
    bool wants(const Case& c) const;
};

struct Sample {
    double wall, cpu;  // seconds a step
};
/// A Work with the number of steps that one block of about 20 ms takes.
class Timed {
public:
    explicit Timed(const std::function<Work()>& make, int epochs = 0);
    /// Blocks for `seconds`; once more if other programs took the processor meanwhile.
    std::vector<Sample> slice(double seconds);
    double check() const { return work_.check(); }
    bool has_check() const { return bool(work_.check); }
    double setup_s() const { return setup_s_; }
    double first_check() const { return first_check_; }

private:
    Sample block(int steps);

    Work work_;
    int epochs_, steps_ = 1;
    double setup_s_ = 0, first_check_ = 0;
};

double quantile(std::vector<double> values, double q);
/// The processor time if other programs took more than a tenth of the processor, else the wall time; of all samples.
std::vector<double> times(const std::vector<Sample>& samples, int threads);
double seconds_in(const std::string& unit);

int lines(const Options& options);
int table(const Options& options);
int startup(const Options& options);

}  // namespace bench
