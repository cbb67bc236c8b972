using SQLitePCL;
using static SQLitePCL.raw;

namespace Pipeline.Local.Cosmos;

/// <summary>A statement of <see cref="IndexFile"/>, prepared once. After its last row it can be run again.</summary>
internal sealed class IndexStatement(IndexFile file, string sql) : IDisposable
{
    private const int StackBytes = 512;

    private sqlite3_stmt? _prepared;

    private sqlite3_stmt Prepared
    {
        get
        {
            file.CheckUsable();
            return _prepared ??= file.Prepare(sql);
        }
    }

    public IndexStatement Bind(int parameter, long value)
    {
        file.Check(sqlite3_bind_int64(Prepared, parameter, value));
        return this;
    }

    public IndexStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        file.Check(value.IsEmpty ? sqlite3_bind_zeroblob(Prepared, parameter, 0) : sqlite3_bind_blob(Prepared, parameter, value));
        return this;
    }

    public IndexStatement Bind(int parameter, long? value) => value is { } known ? Bind(parameter, known) : BindNull(parameter);

    public IndexStatement BindNull(int parameter)
    {
        file.Check(sqlite3_bind_null(Prepared, parameter));
        return this;
    }

    public IndexStatement Bind(int parameter, EffectiveKey place)
    {
        Span<byte> bytes = stackalloc byte[EffectiveKey.MaxBytes];
        return Bind(parameter, bytes[..place.Write(bytes)]);
    }

    /// <summary>Binds a text so that texts compare as <see cref="string.CompareOrdinal(string, string)"/> does.</summary>
    /// <param name="parameter">Its number, from 1.</param>
    /// <param name="text">The text.</param>
    /// <param name="behind">Binds what comes directly behind the text instead.</param>
    public IndexStatement BindOrdinal(int parameter, string text, bool behind = false)
    {
        var length = text.Length * sizeof(char) + (behind ? sizeof(char) : 0);
        Span<byte> bytes = length <= StackBytes ? stackalloc byte[length] : new byte[length];
        OrdinalText.Write(text, bytes);
        return Bind(parameter, bytes);
    }

    /// <summary>Whether there is a row; after the last one the statement is reset.</summary>
    public bool Step()
    {
        var result = sqlite3_step(Prepared);
        if (result == SQLITE_ROW)
            return true;
        file.Check(result);
        Reset();
        return false;
    }

    /// <summary>Runs a statement without rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    public void Reset() => sqlite3_reset(Prepared);

    public bool IsNull(int column) => sqlite3_column_type(Prepared, column) == SQLITE_NULL;

    public long Long(int column) => sqlite3_column_int64(Prepared, column);

    public int Int(int column) => sqlite3_column_int(Prepared, column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => sqlite3_column_blob(Prepared, column);

    public void Dispose() => _prepared?.Dispose();
}
