#include "csv.h"
#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <span>
#include <type_traits>
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "../io/bytes.h"

namespace xg {

namespace {
struct Row {
    std::vector<std::string> cells;
    std::size_t line;  // where it begins, from 1: lines may be empty, and a quoted cell may hold several
};

/// The cells of each line. A quoted cell may hold separators, quotes and line ends.
std::vector<Row> cells_of(std::string_view text, const std::string& path, char separator) {
    std::vector<Row> rows;
    std::size_t i = text.starts_with("\xEF\xBB\xBF") ? 3 : 0, line = 1;  // a byte order mark is no part of a name
    while (i < text.size()) {
        Row row{{}, line};
        for (bool more = true; more;) {
            std::string cell;
            if (i < text.size() && text[i] == '"') {
                const auto opened = line;
                for (++i;; ++i) {
                    if (i >= text.size())
                        throw FileError(
                            fmt::format(
                                "csv: expected a closing quote, got the end of a cell opened in line {}, column {}",
                                opened, row.cells.size() + 1),
                            path);
                    if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') ++i;
                    else if (text[i] == '"') break;
                    line += text[i] == '\n';
                    cell += text[i];
                }
                ++i;
                if (i < text.size() && text[i] != separator && text[i] != '\n' && text[i] != '\r')
                    throw FileError(
                        fmt::format("csv: expected a separator after a quoted cell, got '{}' in line {}, column {}",
                                    text[i], line, row.cells.size() + 1),
                        path);
            } else {
                const auto end = std::min(text.find_first_of(std::string{separator, '\n', '\r'}, i), text.size());
                cell = text.substr(i, end - i);
                i = end;
            }
            row.cells.push_back(std::move(cell));
            more = i < text.size() && text[i] == separator;
            if (more) ++i;
        }
        const bool carriage = i < text.size() && text[i] == '\r';
        if (carriage) ++i;
        if (i < text.size() && text[i] == '\n') ++i, ++line;
        else line += carriage;
        if (row.cells.size() > 1 || !row.cells[0].empty()) rows.push_back(std::move(row));
    }
    return rows;
}
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

struct Column {
    Tensor values;
    std::vector<std::string> words;
};
/// One column of the rows below the header.
class ColumnReader {
public:
    ColumnReader(std::span<const Row> rows, std::size_t column, std::string name, const std::string& path,
                 const std::string& missing)
        : rows_(rows), column_(column), name_(std::move(name)), path_(path), missing_(missing) {}
    Column read(bool as_text) const { return as_text || !numeric() ? words() : numbers(); }

private:
    const std::string& cell(std::size_t row) const { return rows_[row].cells[column_]; }
    /// Numbers or words, as the first cell there is; a column of both is a slip of the pen in one or the other.
    bool numeric() const {
        std::optional<std::size_t> first;
        bool numbers = true;
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            float value;
            if (cell(r) == missing_) continue;
            const bool is = number(cell(r), value);
            if (!first) first = r, numbers = is;
            if (is != numbers)
                throw FileError(
                    fmt::format("csv: expected all numbers or all words in column \"{}\" unless listed in text, got "
                                "\"{}\" in line {} and \"{}\" in line {}, column {}",
                                name_, cell(*first), rows_[*first].line, cell(r), rows_[r].line, column_ + 1),
                    path_);
        }
        return numbers;
    }
    Column numbers() const {
        const auto n = std::int64_t(rows_.size());
        Tensor integers = Tensor::empty({n}, i64), floats = Tensor::empty({n});
        bool integral = true;
        for (std::int64_t r = 0; r < n; ++r) {
            const std::string& text = cell(std::size_t(r));
            float& value = floats.raw<float>()[r];
            if (text == missing_) value = NAN;
            else number(text, value);
            integral = integral && number(text, integers.raw<std::int64_t>()[r]);
        }
        return {integral ? integers : floats, {}};
    }
    Column words() const {
        std::set<std::string> distinct;
        for (std::size_t r = 0; r < rows_.size(); ++r) distinct.insert(cell(r));
        Column out{Tensor::empty({std::int64_t(rows_.size())}, i64), {distinct.begin(), distinct.end()}};
        for (std::size_t r = 0; r < rows_.size(); ++r)
            out.values.raw<std::int64_t>()[r] = std::ranges::lower_bound(out.words, cell(r)) - out.words.begin();
        return out;
    }

    std::span<const Row> rows_;
    std::size_t column_;
    std::string name_;
    const std::string& path_;
    const std::string& missing_;
};
}  // namespace

CsvTable parse_csv(std::string_view text, const std::string& path, CsvOptions options) {
    const auto rows = cells_of(text, path, options.separator);
    const std::size_t first = options.header;
    if (rows.size() <= first) throw FileError("csv: expected at least one row of data, got none", path);
    const auto& head = rows[0].cells;
    for (const Row& row : rows)
        if (row.cells.size() != head.size())
            throw FileError(
                fmt::format("csv: expected {} cells, got {} in line {}", head.size(), row.cells.size(), row.line),
                path);
    CsvTable table;
    for (std::size_t c = 0; c < head.size(); ++c) table.names.push_back(options.header ? head[c] : std::to_string(c));
    for (const auto& name : options.text) table.place(name);
    for (std::size_t c = 0; c < head.size(); ++c) {
        const ColumnReader reader(std::span<const Row>(rows).subspan(first), c, table.names[c], path, options.missing);
        Column column = reader.read(std::ranges::find(options.text, table.names[c]) != options.text.end());
        table.columns.push_back(std::move(column.values));
        table.words.push_back(std::move(column.words));
    }
    return table;
}
CsvTable read_csv(const std::string& path, CsvOptions options) { return parse_csv(read_file(path), path, options); }

std::size_t CsvTable::place(const std::string& name) const {
    const auto found = std::ranges::find(names, name);
    require<std::invalid_argument>(found != names.end(), "csv: expected a column of {}, got \"{}\"",
                                   fmt::to_string(fmt::join(names, ", ")), name);
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
