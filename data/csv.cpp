#include "csv.h"
#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "../io/bytes.h"

namespace xg {

namespace {
using Row = std::vector<std::string>;

/// The cells of each line. A quoted cell may hold separators, quotes and line ends.
std::vector<Row> cells_of(std::string_view text, const std::string& path, char separator) {
    std::vector<Row> rows;
    std::size_t i = 0, line = 1;
    while (i < text.size()) {
        Row row;
        for (bool more = true; more;) {
            std::string cell;
            if (i < text.size() && text[i] == '"') {
                const auto opened = line;
                for (++i;; ++i) {
                    if (i >= text.size())
                        throw FileError(
                            fmt::format(
                                "csv: expected a closing quote, got the end of a cell opened in line {}, column {}",
                                opened, row.size() + 1),
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
                                    text[i], line, row.size() + 1),
                        path);
            } else {
                const auto end = std::min(text.find_first_of(std::string{separator, '\n', '\r'}, i), text.size());
                cell = text.substr(i, end - i);
                i = end;
            }
            row.push_back(std::move(cell));
            more = i < text.size() && text[i] == separator;
            if (more) ++i;
        }
        if (i < text.size() && text[i] == '\r') ++i;
        if (i < text.size() && text[i] == '\n') ++i, ++line;
        if (row.size() > 1 || !row[0].empty()) rows.push_back(std::move(row));
    }
    return rows;
}
template <class T> bool number(const std::string& cell, T& out) {
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), out);
    return error == std::errc() && end == cell.data() + cell.size();
}

struct Column {
    Tensor values;
    std::vector<std::string> words;
};
Column column_of(const std::vector<Row>& rows, std::size_t first, std::size_t column, const std::string& missing) {
    const auto n = std::int64_t(rows.size() - first);
    Tensor integers = Tensor::empty({n}, i64), floats = Tensor::empty({n});
    bool integral = true, numeric = true;
    for (std::int64_t r = 0; r < n && numeric; ++r) {
        const std::string& cell = rows[first + std::size_t(r)][column];
        if (cell == missing) floats.raw<float>()[r] = NAN, integral = false;
        else if (integral && number(cell, integers.raw<std::int64_t>()[r]))
            floats.raw<float>()[r] = float(integers.raw<std::int64_t>()[r]);
        else if (number(cell, floats.raw<float>()[r])) integral = false;
        else numeric = false;
    }
    if (numeric) return {integral ? integers : floats, {}};
    std::set<std::string> words;
    for (std::size_t r = first; r < rows.size(); ++r) words.insert(rows[r][column]);
    Column out{integers, {words.begin(), words.end()}};
    for (std::int64_t r = 0; r < n; ++r)
        integers.raw<std::int64_t>()[r] =
            std::ranges::lower_bound(out.words, rows[first + std::size_t(r)][column]) - out.words.begin();
    return out;
}
}  // namespace

CsvTable parse_csv(std::string_view text, const std::string& path, CsvOptions options) {
    const auto rows = cells_of(text, path, options.separator);
    const std::size_t first = options.header;
    if (rows.size() <= first) throw FileError("csv: expected at least one row of data, got none", path);
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (rows[r].size() != rows[0].size())
            throw FileError(
                fmt::format("csv: expected {} cells, got {} in line {}", rows[0].size(), rows[r].size(), r + 1), path);
    CsvTable table;
    for (std::size_t c = 0; c < rows[0].size(); ++c) {
        table.names.push_back(options.header ? rows[0][c] : std::to_string(c));
        Column column = column_of(rows, first, c, options.missing);
        table.columns.push_back(std::move(column.values));
        table.words.push_back(std::move(column.words));
    }
    return table;
}
CsvTable read_csv(const std::string& path, CsvOptions options) { return parse_csv(read_file(path), path, options); }

const Tensor& CsvTable::operator[](const std::string& name) const {
    const auto found = std::ranges::find(names, name);
    require<std::invalid_argument>(found != names.end(), "csv: expected a column of {}, got \"{}\"",
                                   fmt::to_string(fmt::join(names, ", ")), name);
    return columns[std::size_t(found - names.begin())];
}
Tensor CsvTable::features(const std::vector<std::string>& without) const {
    std::vector<Tensor> wanted;
    for (const auto& name : without) (*this)[name];
    for (std::size_t c = 0; c < names.size(); ++c)
        if (std::ranges::find(without, names[c]) == without.end()) wanted.push_back(columns[c].to(f32));
    return stack(wanted, 1);
}

}  // namespace xg
