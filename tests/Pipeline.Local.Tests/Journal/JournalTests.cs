using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Journal;

namespace Pipeline.Tests;

public sealed class JournalTests : IDisposable
{
    private const int HeaderBytes = 12;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("journal-");

    private string FilePath => Path.Combine(_folder.FullName, "sub", "test.journal");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Records_come_back_in_the_order_of_writing()
    {
        using (var journal = Open(out _))
            Append(journal, "one", "", new string('x', 200_000));
        using (Open(out var records))
            Assert.Equal(["one", "", new string('x', 200_000)], records);
    }

    [Fact]
    public void Journal_in_memory_keeps_nothing()
    {
        using var journal = Journal.Open(null, _ => Assert.Fail("nothing to replay"), NullLogger.Instance);
        Append(journal, "one");
        journal.Rewrite([]);

        Assert.Equal(0, journal.LengthBytes);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void Torn_last_record_is_cut_off_wherever_it_was_torn_and_writing_goes_on()
    {
        using (var journal = Open(out _))
            Append(journal, "one", "second record");
        var whole = File.ReadAllBytes(FilePath);
        var firstRecord = HeaderBytes + 3;
        for (var length = firstRecord; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            using (var journal = Open(out var records))
            {
                Assert.Equal(["one"], records);
                Assert.Equal(firstRecord, journal.LengthBytes);
                Append(journal, "three");
            }

            using (Open(out var records))
                Assert.Equal(["one", "three"], records);
        }
    }

    [Fact]
    public void Torn_last_record_of_garbage_of_the_right_length_is_cut_off()
    {
        using (var journal = Open(out _))
            Append(journal, "one", "second record");
        var bytes = File.ReadAllBytes(FilePath);
        bytes.AsSpan(^5..).Clear();
        File.WriteAllBytes(FilePath, bytes);

        using (Open(out var records))
            Assert.Equal(["one"], records);
    }

    [Fact]
    public void Damaged_middle_refuses_to_open_names_the_offset_and_changes_nothing()
    {
        using (var journal = Open(out _))
            Append(journal, "one", "two", "three");
        var bytes = File.ReadAllBytes(FilePath);
        for (var i = HeaderBytes + 3; i < 2 * (HeaderBytes + 3); i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x40;
            File.WriteAllBytes(FilePath, damaged);
            var error = Assert.Throws<InvalidDataException>(() => Open(out _));

            Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
            Assert.Contains($"offset {HeaderBytes + 3} ", error.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, File.ReadAllBytes(FilePath));
        }
    }

    [Fact]
    public void Rewrite_replaces_everything_and_writing_goes_on_behind_it()
    {
        using (var journal = Open(out _))
        {
            Append(journal, "one", "two", "three");
            var before = journal.LengthBytes;
            journal.Rewrite([Encoding.UTF8.GetBytes("live")]);
            Assert.InRange(journal.LengthBytes, 1, before - 1);
            Append(journal, "four");
            Assert.Equal(new FileInfo(FilePath).Length, journal.LengthBytes);
        }

        using (Open(out var records))
            Assert.Equal(["live", "four"], records);
    }

    [Fact]
    public void Rewrite_that_fails_halfway_leaves_the_journal_as_it_was()
    {
        using (var journal = Open(out _))
        {
            Append(journal, "one", "two");
            Assert.Throws<InvalidOperationException>(() => journal.Rewrite(Failing()));
            Assert.Equal(FilePath, Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(FilePath)!)));
            Append(journal, "three");
        }

        using (Open(out var records))
            Assert.Equal(["one", "two", "three"], records);

        static IEnumerable<ReadOnlyMemory<byte>> Failing()
        {
            yield return Encoding.UTF8.GetBytes("half");
            throw new InvalidOperationException("the owner's state cannot be read");
        }
    }

    [Fact]
    public void Rewrite_interrupted_by_a_kill_leaves_a_file_that_is_never_read()
    {
        using (var journal = Open(out _))
            Append(journal, "one");
        File.WriteAllText(FilePath + ".new", "half of something");
        using (var journal = Open(out var records))
        {
            Assert.Equal(["one"], records);
            journal.Rewrite([Encoding.UTF8.GetBytes("live")]);
        }

        using (Open(out var records))
            Assert.Equal(["live"], records);
        Assert.False(File.Exists(FilePath + ".new"));
    }

    [Fact]
    public void Second_opener_is_refused_also_after_a_rewrite()
    {
        using var journal = Open(out _);
        Append(journal, "one");
        Assert.Throws<IOException>(() => Open(out _));
        journal.Rewrite([Encoding.UTF8.GetBytes("live")]);
        Assert.Throws<IOException>(() => Open(out _));
        Append(journal, "two");
    }

    [Fact]
    public void Closed_journal_takes_no_record()
    {
        var journal = Open(out _);
        journal.Dispose();

        Assert.Throws<IOException>(() => Append(journal, "one"));
    }

    [Fact]
    public void Record_over_the_limit_is_refused_and_nothing_of_it_kept()
    {
        using (var journal = Open(out _))
        {
            Append(journal, "one");
            Assert.Throws<ArgumentOutOfRangeException>(() => journal.Append(new byte[Journal.MaxRecordBytes + 1]));
            Append(journal, "two");
        }

        using (Open(out var records))
            Assert.Equal(["one", "two"], records);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(500)]
    public void Append_that_fails_keeps_nothing_and_the_next_one_works(int bytesWritten)
    {
        using (var journal = Open(out _))
        {
            Append(journal, "one");
            journal.FailNextAppendAfterBytes = bytesWritten;
            Assert.Throws<IOException>(() => Append(journal, new string('x', 1000)));
            Assert.Equal(new FileInfo(FilePath).Length, journal.LengthBytes);
            Append(journal, "two");
        }

        using (Open(out var records))
            Assert.Equal(["one", "two"], records);
    }

    private static void Append(Journal journal, params string[] records)
    {
        foreach (var record in records)
            journal.Append(Encoding.UTF8.GetBytes(record));
    }

    private Journal Open(out List<string> records)
    {
        var read = new List<string>();
        var journal = Journal.Open(FilePath, record => read.Add(Encoding.UTF8.GetString(record.Span)), NullLogger.Instance);
        records = read;
        return journal;
    }
}
