#include "csv.h"
#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <type_traits>
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "../io/bytes.h"

namespace xg {

namespace {
/// The cells of a text one after another, line by line. A quoted cell may hold separators, quotes and line ends.
class Scanner {
public:
    Scanner(std::string_view text, const std::string& path, char separator)
        : text_(text), path_(path), ends_{separator, '\n', '\r'} {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark is no part of a name
    }
    /// Tells `each` the number and the text of each cell of the next line that is not empty. Returns how many cells
    /// that were; 0 at the end.
    template <class F> std::size_t row(const F& each) {
        while (at_ < text_.size()) {
            begin_ = line_;
            std::size_t count = 0;
            bool empty = false;
            for (bool more = true; more; ++count) {
                const std::string_view cell = next(count);
                more = at_ < text_.size() && text_[at_] == ends_[0];
                if (more) ++at_;
                empty = cell.empty() && count == 0 && !more;
                if (!empty) each(count, cell);
            }
            end_line();
            if (!empty) return count;
        }
        return 0;
    }
    /// Where that line began, from 1: lines may be empty, and a quoted cell may hold several.
    std::size_t line() const { return begin_; }

private:
    std::string_view next(std::size_t column) {
        if (at_ < text_.size() && text_[at_] == '"') return quoted(column);
        const auto begin = at_;
        at_ = std::min(text_.find_first_of(ends_, at_), text_.size());
        return text_.substr(begin, at_ - begin);
    }
    std::string_view quoted(std::size_t column) {
        unquoted_.clear();
        const auto opened = line_;
        for (++at_;; ++at_) {
            if (at_ >= text_.size())
                throw FileError(
                    fmt::format("csv: expected a closing quote, got the end of a cell opened in line {}, column {}",
                                opened, column + 1),
                    path_);
            if (text_[at_] == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') ++at_;
            else if (text_[at_] == '"') break;
            line_ += text_[at_] == '\n';
            unquoted_ += text_[at_];
        }
        ++at_;
        if (at_ < text_.size() && ends_.find(text_[at_]) == std::string::npos)
            throw FileError(fmt::format("csv: expected a separator after a quoted cell, got '{}' in line {}, column {}",
                                        text_[at_], line_, column + 1),
                            path_);
        return unquoted_;
    }
    void end_line() {
        const bool carriage = at_ < text_.size() && text_[at_] == '\r';
        if (carriage) ++at_;
        if (at_ < text_.size() && text_[at_] == '\n') ++at_, ++line_;
        else line_ += carriage;
    }

    std::string_view text_;
    const std::string& path_;
    std::string ends_;  // of a cell: the separator first
    std::string unquoted_;
    std::size_t at_ = 0, line_ = 1, begin_ = 1;
};

/// Spaces around a number and a plus before it are let through.
template <class T> bool number(std::string_view cell, T& out) {
    const auto first = cell.find_first_not_of(" \t");
    if (first == std::string_view::npos) return false;
    cell = cell.substr(first, cell.find_last_not_of(" \t") - first + 1);
    if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
    std::conditional_t<std::is_same_v<T, float>, double, T> value{};  // 1e-60 is a number, though 0 as float
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size()) return false;
    out = T(value);
    return std::isfinite(double(out)) || !std::isfinite(double(value));
}

/// What is known of a column once all its cells have been seen.
struct Column {
    std::string name;
    bool as_text = false;
    bool numbers = true, integers = true;
    std::optional<std::string> first = {};  // cell that is not missing, to tell what a later one does not go with
    std::size_t first_line = 0;
};
struct Columns {
    std::vector<Column> columns = {};
    std::int64_t rows = 0;
};
/// Numbers or words, as the first cell there is; a column of both is a slip of the pen in one or the other.
void look_at(Column& c, std::string_view cell, std::size_t number_of_column, std::size_t line,
             const std::string& missing, const std::string& path) {
    if (c.as_text) return;
    if (cell == missing) {
        c.integers = false;
        return;
    }
    float value;
    const bool is = number(cell, value);
    if (!c.first) c.first = cell, c.first_line = line, c.numbers = is;
    if (is != c.numbers)
        throw FileError(
            fmt::format("csv: expected all numbers or all words in column \"{}\" unless listed in text, got \"{}\" in "
                        "line {} and \"{}\" in line {}, column {}",
                        c.name, *c.first, c.first_line, cell, line, number_of_column + 1),
            path);
    std::int64_t whole;
    c.integers = c.integers && is && number(cell, whole);
}
Columns columns_of(std::string_view text, const std::string& path, const CsvOptions& options) {
    Columns out;
    auto& columns = out.columns;
    const auto look = [&](Scanner& scanner) {
        const auto cells = scanner.row([&](std::size_t c, std::string_view cell) {
            if (c < columns.size()) look_at(columns[c], cell, c, scanner.line(), options.missing, path);
        });
        if (cells && cells != columns.size())
            throw FileError(
                fmt::format("csv: expected {} cells, got {} in line {}", columns.size(), cells, scanner.line()), path);
        return cells;
    };
    Scanner head(text, path, options.separator);
    head.row([&](std::size_t c, std::string_view cell) {
        columns.push_back({.name = options.header ? std::string(cell) : std::to_string(c)});
    });
    for (auto& c : columns) c.as_text = std::ranges::find(options.text, c.name) != options.text.end();
    Scanner rows = options.header ? head : Scanner(text, path, options.separator);
    while (look(rows)) ++out.rows;
    if (out.rows == 0) throw FileError("csv: expected at least one row of data, got none", path);
    return out;
}

/// Takes a column's cells in turn.
class Filling {
public:
    Filling(const Column& column, std::int64_t rows, const std::string& missing)
        : words_wanted_(column.as_text || !column.numbers),
          missing_(missing),
          values_(Tensor::empty({rows}, words_wanted_ || column.integers ? i64 : f32)) {}
    void take(std::string_view cell, std::int64_t row) {
        if (words_wanted_) {
            const auto found = numbers_.find(cell);
            values_.raw<std::int64_t>()[row] =
                found != numbers_.end() ? found->second
                                        : numbers_.emplace(cell, std::int64_t(numbers_.size())).first->second;
        } else if (values_.dtype() == i64) number(cell, values_.raw<std::int64_t>()[row]);
        else if (cell == missing_) values_.raw<float>()[row] = NAN;
        else number(cell, values_.raw<float>()[row]);
    }
    /// Words were numbered as they came; from here on they are as they are sorted.
    void finish(CsvTable& table) {
        std::vector<std::int64_t> place(numbers_.size());
        auto& words = table.words.emplace_back();
        for (auto& [word, number] : numbers_)
            place[std::size_t(number)] = std::int64_t(words.size()), words.push_back(word);
        if (words_wanted_)
            for (auto& v : values_.mutable_data<std::int64_t>()) v = place[std::size_t(v)];
        table.columns.push_back(values_);
    }

private:
    bool words_wanted_;
    const std::string& missing_;
    Tensor values_;
    std::map<std::string, std::int64_t, std::less<>> numbers_;
};
}  // namespace

/// Twice from front to back, so that nothing but the columns themselves is held.
CsvTable parse_csv(std::string_view text, const std::string& path, CsvOptions options) {
    const Columns found = columns_of(text, path, options);
    CsvTable table;
    for (const Column& c : found.columns) table.names.push_back(c.name);
    for (const auto& name : options.text) table.place(name);
    std::vector<Filling> filling;
    for (const Column& c : found.columns) filling.emplace_back(c, found.rows, options.missing);
    Scanner scanner(text, path, options.separator);
    if (options.header) scanner.row([](std::size_t, std::string_view) {});
    for (std::int64_t row = 0; row < found.rows; ++row)
        scanner.row([&](std::size_t c, std::string_view cell) { filling[c].take(cell, row); });
    for (Filling& f : filling) f.finish(table);
    return table;
}
CsvTable read_csv(const std::string& path, CsvOptions options) { return parse_csv(read_file(path), path, options); }

std::size_t CsvTable::place(const std::string& name) const {
    const auto found = std::ranges::find(names, name);
    require<std::invalid_argument>(found != names.end(), "csv: expected a column of {}, got \"{}\"", listed(names),
                                   name);
    return std::size_t(found - names.begin());
}
Tensor CsvTable::features(const std::vector<std::string>& without) const {
    std::vector<Tensor> wanted;
    for (const auto& name : without) place(name);
    for (std::size_t c = 0; c < names.size(); ++c)
        if (std::ranges::find(without, names[c]) == without.end()) wanted.push_back(columns[c].to(f32));
    return stack(wanted, 1);
}

}  // namespace xg
