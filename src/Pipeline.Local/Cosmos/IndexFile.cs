using SQLitePCL;
using static SQLitePCL.raw;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// The SQLite database behind <see cref="DocumentIndex"/>. It holds nothing that the journal does not tell, so it is made
/// anew at every start and nothing of it is ever committed: what fits into its cache stays in memory, the rest goes to the
/// file. Guarded by the store's lock.
/// </summary>
internal sealed class IndexFile : IDisposable
{
    /// <summary>Pages in memory, in KiB: enough for the documents that a pipeline works on at one time.</summary>
    private const int CacheKibibytes = 64 * 1024;

    private const string Schema = """
        CREATE TABLE documents(
            row INTEGER PRIMARY KEY, container, place, id, key, rid, lsn, ordinal, timestamp, length, content, body, kind, ttl, expires);
        CREATE UNIQUE INDEX by_id ON documents(container, place, id);
        CREATE TABLE unique_values(container, place, value, id, PRIMARY KEY(container, place, value)) WITHOUT ROWID;
        CREATE INDEX unique_by_id ON unique_values(container, place, id);
        CREATE TABLE moved(row INTEGER PRIMARY KEY, body);
        BEGIN;
        """;

    private const string OtherIndexes = """
        CREATE INDEX by_lsn ON documents(container, lsn, ordinal);
        CREATE INDEX by_kind ON documents(container, kind, place, id) WHERE kind IS NOT NULL;
        CREATE INDEX by_expiry ON documents(container, expires) WHERE expires IS NOT NULL;
        """;

    private const string WhatToDo = "It holds nothing that cosmos.journal does not have: remove it if it is there, see that files can be made beside it, and start again.";

    private readonly string? _path;
    private readonly sqlite3 _database;
    private readonly List<IndexStatement> _statements = [];
    private string? _failure;
    private bool _isClosed;

    static IndexFile() => Batteries_V2.Init();

    /// <param name="path">The file; one that is there is deleted. <see langword="null"/> for memory.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public IndexFile(string? path)
    {
        _path = path;
        PrepareAnew(path);
        var result = sqlite3_open_v2(path ?? ":memory:", out _database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, null);
        if (result == SQLITE_OK)
            result = sqlite3_exec(_database, $"PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{CacheKibibytes}; {Schema}");
        if (result == SQLITE_OK)
            return;
        var reason = sqlite3_errstr(result).utf8_to_string();
        Dispose();
        throw new IOException($"{path}: the index of documents cannot be made: {reason}. {WhatToDo}");
    }

    /// <summary>How much of the file is in memory.</summary>
    public long CacheBytes
    {
        get
        {
            sqlite3_db_status(_database, SQLITE_DBSTATUS_CACHE_USED, out var bytes, out _, 0);
            return bytes;
        }
    }

    /// <summary>For tests, a disk that fills up: how large the file can get, in pages.</summary>
    public void LimitFile(int pages) => sqlite3_exec(_database, string.Create(CultureInfo.InvariantCulture,
        $"PRAGMA max_page_count={pages}"));

    /// <summary>For tests, less memory, in KiB.</summary>
    public void LimitCache(int kibibytes) => sqlite3_exec(_database, string.Create(CultureInfo.InvariantCulture,
        $"PRAGMA cache_size=-{kibibytes}"));

    /// <summary>A statement, which is prepared when it is first run.</summary>
    public IndexStatement Statement(string sql)
    {
        var statement = new IndexStatement(this, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Makes the indexes that replaying a journal does not need: all at once is faster than document by document.</summary>
    public void Complete() => Check(sqlite3_exec(_database, OtherIndexes));

    /// <exception cref="CosmosFailure">503: see <see cref="Check"/>.</exception>
    public sqlite3_stmt Prepare(string sql)
    {
        CheckUsable();
        Check(sqlite3_prepare_v3(_database, sql, SQLITE_PREPARE_PERSISTENT, out var prepared));
        return prepared;
    }

    /// <summary>
    /// Refuses everything after an error: what the index says may then be wrong. The journal is right, and the next start
    /// reads it.
    /// </summary>
    /// <exception cref="CosmosFailure">503.</exception>
    public void Check(int result)
    {
        if (_failure is null && result is SQLITE_OK or SQLITE_ROW or SQLITE_DONE)
            return;
        _failure ??= sqlite3_errmsg(_database).utf8_to_string();
        throw new CosmosFailure(
            503,
            $"The index of documents cannot be used ({_failure}). Nothing is lost: make room on the disk, and start again.",
            cause: _isClosed ? null : new IOException($"{_path}: {_failure}"));
    }

    /// <summary>Refuses everything after an error, and once it is closed.</summary>
    /// <inheritdoc cref="Check"/>
    public void CheckUsable() => Check(SQLITE_OK);

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _failure ??= "it is closed";
        foreach (var statement in _statements)
            statement.Dispose();
        sqlite3_close_v2(_database);
        try
        {
            if (_path is not null)
                File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start deletes it, or says why it cannot.
        }
    }

    private static void PrepareAnew(string? path)
    {
        try
        {
            if (path is not null)
            {
                File.Delete(path);
                // SQLite would let everybody read a file that it makes.
                PrivateFiles.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.None).Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: the index of documents cannot be made: {e.Message} {WhatToDo}", e);
        }
    }
}
