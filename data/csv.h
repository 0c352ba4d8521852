#pragma once
#include <string>
#include <string_view>
#include <vector>
#include "../tensor/tensor.h"

namespace xg {

struct CsvOptions {
    bool header = true;
    char separator = ',';
    std::string missing = "";            // a cell that reads so counts as NaN
    std::vector<std::string> text = {};  // columns to read as words even if numbers stand there
};
/// Named columns of numbers. A column of words becomes their positions in the sorted list of them.
struct CsvTable {
    std::vector<std::string> names;  // "0", "1", ... without a header
    std::vector<Tensor> columns;     // (rows,): int64 where all cells are integers, else float32; words int64
    std::vector<std::vector<std::string>> words;  // of each column, empty for numbers

    std::int64_t rows() const { return columns.empty() ? 0 : columns[0].numel(); }
    /// The column of that name; throws and lists the names if there is none.
    const Tensor& operator[](const std::string& name) const { return columns[place(name)]; }
    /// The position of that column; throws and lists the names if there is none.
    std::size_t place(const std::string& name) const;
    /// All columns but those named, side by side: (rows, columns), float32.
    Tensor features(const std::vector<std::string>& without = {}) const;
};
/// Reads quoted cells ("" is a quote), \n and \r\n. Throws FileError with line and column; a column that holds numbers
/// as well as words is an error unless listed in `text`, so that a slip of the pen does not turn numbers into words.
CsvTable read_csv(const std::string& path, CsvOptions options = {});
CsvTable parse_csv(std::string_view text, const std::string& path, CsvOptions options = {});

}  // namespace xg
