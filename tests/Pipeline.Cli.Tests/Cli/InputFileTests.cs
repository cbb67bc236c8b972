using System.Text;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>What a command is given as a file may be anything; it reads so much of it and no more, and says what was wrong.</summary>
public sealed class InputFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("/dev/zero", "or no end")]
    [InlineData("/dev", "is a folder")]
    [InlineData("/nowhere/at/all.json", "There is no file")]
    public async Task Endless_files_folders_and_files_that_are_not_there_are_told_in_one_line(string path, string says)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var args in new string[][]
        {
            ["contracts", "validate", path],
            ["contracts", "validate", path, "--type", "order-placed"],
            ["dead-letters", "edit", "dl:1", "--patch", path, "--why", "w", "--by", "b", "--url", "http://127.0.0.1:9"],
            ["dead-letters", "edit", "dl:1", "--replacement", path, "--why", "w", "--by", "b", "--url", "http://127.0.0.1:9"],
        })
        {
            var run = await CliRun.OfAsync(args);
            run.AssertFailsInOneLine(ExitCode.Failed);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"a":"\ud83d"}""", "$.a: has half a surrogate pair in it")]
    [InlineData("""[{"op":"remove","op":"remove"}]""", "$[0].op: is there twice")]
    [InlineData("{", "$: is not JSON")]
    public async Task A_patch_that_nobody_could_apply_is_told_before_anything_is_sent(string patch, string says)
    {
        var run = await CliRun.OfAsync("dead-letters", "edit", "dl:1", "--patch", Write("p.json", patch), "--why", "w", "--by", "b", "--url", "http://127.0.0.1:9");
        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":\"bbbbbbbbbbbbbbbbbbbb\"}", "a.json", "more than 16 bytes")]
    [InlineData("{}\n{}\n{\"a\":\"bbbbbbbbb\"}\n", "a.json", ":3' has more than 8 bytes")]
    [InlineData("{\"a\":\"bbbbbbbbb\"}", "a.jsonl", ":1' has more than 8 bytes")]
    [InlineData("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n", "a.jsonl", "more than 40 bytes")]
    public async Task Documents_lines_and_all_lines_together_are_bounded(string text, string name, string says)
    {
        var file = new DocumentFile(Write(name, text), new DocumentLimits(16, 8, 40));
        var failure = await Assert.ThrowsAsync<CliFailure>(() => file.ReadAsync((_, _) => { }, (_, _) => { }, default));
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":1}", "a.json", "{\"a\":1}")]
    [InlineData("\ufeff{\n\"a\":1}\n", "a.json", "{\n\"a\":1}")]
    [InlineData("{}\n\n[1]\r\n7", "a.json", "1:{} 3:[1] 4:7")]
    [InlineData("{}\n{}\n{}\n{}\n{}\n{}\n{}\n", "a.json", "1:{} 2:{} 3:{} 4:{} 5:{} 6:{} 7:{}")]
    [InlineData("\ufeff{}\n{}", "a.jsonl", "1:{} 2:{}")]
    [InlineData("{}\n{\n{}", "a.jsonl", "1:{} 2!is not JSON 3:{}")]
    [InlineData("", "a.jsonl", "")]
    public async Task One_document_or_one_a_line_is_handed_on_with_its_line(string text, string name, string expected)
    {
        var read = new List<string>();
        await new DocumentFile(Write(name, text), new DocumentLimits(16, 8, 40)).ReadAsync(
            (document, line) => read.Add(line is null ? document.GetRawText() : Invariant($"{line}:{document.GetRawText()}")),
            (line, why) => read.Add(Invariant($"{line}!{why.Split(':')[0]}")),
            default);
        Assert.Equal(expected, string.Join(' ', read));
    }

    [Fact]
    public async Task A_pipe_is_read_once_from_its_beginning()
    {
        if (OperatingSystem.IsWindows())
            return;
        var pipe = Path.Combine(_folder.FullName, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", pipe))
            await made.WaitForExitAsync();

        // Opening it waits for the one who writes.
        var run = Task.Run(() => CliRun.OfAsync("contracts", "validate", pipe, "--type", "stock-reserved"));
        await File.WriteAllTextAsync(pipe, "{\"orderId\":\"o-1\"}\n{\"orderId\":\"o-2\"}\n");
        Assert.Contains("2 valid, 0 not.", (await run).Output, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return path;
    }
}
