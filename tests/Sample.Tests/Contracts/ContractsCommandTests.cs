using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Cli;
using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;
using Pipeline.Tests.Cli;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.ContractRules;

/// <summary><c>pipeline contracts</c>, without any pipeline.</summary>
public sealed class ContractsCommandTests : IDisposable
{
    private const string Placed = "com.contoso.ordering.order-placed.v1";
    private readonly string _folder = Directory.CreateTempSubdirectory("contracts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task List_has_every_contract_with_who_reads_it()
    {
        var run = await RunAsync(ExitCode.Ok, "list");
        Assert.All(ContractCatalog.All, c => Assert.Contains(c.Type, run.Output, StringComparison.Ordinal));
        Assert.Matches("order-placed.v1\tstate-transfer\tordering\tpublic\tordering\t{orderId}\tordering/shipping, notify", run.Output);
    }

    [Theory]
    [InlineData("order-placed")]
    [InlineData("order-placed.v1")]
    [InlineData(Placed)]
    public async Task Show_tells_of_one_contract(string name)
    {
        var run = await RunAsync(ExitCode.Ok, "show", name);
        Assert.Contains("An order was placed.", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\$\.lines\[\]\.quantity\tinteger\trequired\tmaximum=1000000 minimum=1\tPieces; at least 1\.", run.Output);
    }

    /// <summary>Between a change of the record and its approval the stored schema is behind.</summary>
    [Theory]
    [InlineData("$.sku", "The article.")]
    [InlineData("$.lines[].sku", "The article in the line.")]
    [InlineData("$.colour", "")]
    [InlineData("$.lines[].colour", "")]
    [InlineData("$.sku.part", "")]
    [InlineData("$.sku[]", "")]
    public void A_field_that_the_stored_schema_does_not_have_yet_is_shown_without_its_description(string path, string description)
    {
        using var schema = JsonDocument.Parse(
            """{"properties":{"sku":{"description":"The article."},"lines":{"items":{"properties":{"sku":{"description":"The article in the line."}}}}}}""");
        Assert.Equal(description, ContractsCommand.DescriptionAt(schema.RootElement, path));
    }

    [Fact]
    public async Task Show_prints_the_schema_as_it_is_kept() =>
        Assert.Equal(Repository.Text($"{ContractFiles.Schemas}/{Placed}.json"), (await RunAsync(ExitCode.Ok, "show", "order-placed.v1", "--schema")).Output);

    [Theory]
    [InlineData("sku", "lines[].sku", "order-completed.v1", "stock")]
    [InlineData("lines.sku", "lines[].sku", "order-completed.v1", "ordering/analytics")]
    [InlineData("$.lines[].quantity", "lines[].quantity", "order-placed.v1", "ordering/inventory")]
    [InlineData("trackingNumber", "trackingNumber", "order-shipped.v1", "notify")]
    [InlineData("note", "note", "order-placed.v1", "no consumer here")]
    [InlineData("skus", "skus", "stock-insufficient.v1", "inventory/ordering")]
    public async Task Who_reads_tells_the_consumers_of_a_field(string field, string path, string type, string reader)
    {
        var run = await RunAsync(ExitCode.Ok, "who-reads", field);
        foreach (var word in new[] { path, type, reader })
            Assert.Contains(word, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("currency", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Did you mean order-placed?", "show", "order-plaiced")]
    [InlineData("Did you mean com.contoso.ordering.order-placed.v1?", "show", "com.contoso.ordring.order-placed.v1")]
    [InlineData("Did you mean trackingNumber?", "who-reads", "trakingNumber")]
    [InlineData("Did you mean order-placed?", "who-reads", "sku", "--type", "order-plcaed")]
    public async Task A_misspelt_name_is_told_with_the_nearest_one(string hint, params string[] args) =>
        Assert.Contains(hint, (await CliRun.OfAsync(["contracts", .. args])).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("show", "order-plaiced")]
    [InlineData("who-reads", "colour")]
    [InlineData("validate", "no-such-file.json")]
    [InlineData("diff", "--base", "no-such-ref")]
    [InlineData("diff", "--root", "/no/such/clone")]
    public async Task What_is_not_there_is_told_in_one_line(params string[] args) => (await CliRun.OfAsync(["contracts", .. args])).AssertFailsInOneLine(ExitCode.Failed);

    [Fact]
    public async Task The_contracts_as_they_are_break_nothing()
    {
        Assert.Contains("No contract has changed.", (await RunAsync(ExitCode.Ok, "diff", "--root", Repository.Root)).Output, StringComparison.Ordinal);
        Assert.Contains("No contract has changed.", (await RunAsync(ExitCode.Ok, "diff", "--root", Repository.Root, "--base", Repository.PathOf(ContractFiles.Approved))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_tells_what_breaks_and_approve_refuses_it_without_a_migration()
    {
        var clone = CloneWith(Surface.Of(ContractCatalog.All), Add("com.contoso.ordering.order-placed.v1 $.coupon string required maxLength=9"));
        var diff = await RunAsync(ExitCode.Failed, "diff", "--root", clone);
        Assert.Contains($"BREAKING {Placed} $.coupon: was removed. No consumer here reads it.", diff.Output, StringComparison.Ordinal);

        var before = File.ReadAllText(Path.Combine(clone, ContractFiles.Approved));
        var refused = await CliRun.OfAsync("contracts", "approve", "--root", clone);
        refused.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("contracts approve --migration \"why it breaks nobody\"", refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Path.Combine(clone, ContractFiles.Approved)));

        await RunAsync(ExitCode.Ok, "approve", "--root", clone, "--migration", "nobody had coupons");
        var approved = File.ReadAllText(Path.Combine(clone, ContractFiles.Approved));
        Assert.Contains($"migration {Placed} $.coupon nobody had coupons", approved, StringComparison.Ordinal);
        Assert.Contains("No contract has changed.", (await RunAsync(ExitCode.Ok, "diff", "--root", clone)).Output, StringComparison.Ordinal);

        // The reviewer compares with what was approved before: the migration is there to be seen, and permits it.
        var old = Path.Combine(_folder, "old.txt");
        File.WriteAllText(old, before);
        Assert.Contains("migrated: nobody had coupons", (await RunAsync(ExitCode.Ok, "diff", "--root", clone, "--base", old)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_writes_what_is_kept_in_git()
    {
        var clone = CloneWith(new Surface([], []));
        File.WriteAllText(Path.Combine(clone, ContractFiles.Schemas, "com.contoso.gone.v1.json"), "{}");
        await RunAsync(ExitCode.Ok, "approve", "--root", clone);
        Assert.Equal(Repository.Text(ContractFiles.Approved), File.ReadAllText(Path.Combine(clone, ContractFiles.Approved)));
        foreach (var file in Directory.GetFiles(Path.Combine(clone, ContractFiles.Schemas)))
            Assert.Equal(Repository.Text($"{ContractFiles.Schemas}/{Path.GetFileName(file)}"), File.ReadAllText(file));
        Assert.Equal(ContractCatalog.All.Count, Directory.GetFiles(Path.Combine(clone, ContractFiles.Schemas)).Length);
    }

    [Fact]
    public async Task Every_sample_is_valid()
    {
        foreach (var file in Directory.GetFiles(Repository.PathOf(ContractFiles.Samples)))
            Assert.Contains("1 valid, 0 not.", (await RunAsync(ExitCode.Ok, "validate", file)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_without_its_event_is_checked_by_type()
    {
        var file = Write("data.json", """{"orderId":"o","reason":7}""");
        Assert.Contains("data.json $.reason: is not a text (com.contoso.ordering.order-cancelled.v1)", (await RunAsync(ExitCode.Failed, "validate", file, "--type", "order-cancelled")).Output, StringComparison.Ordinal);
        (await CliRun.OfAsync("contracts", "validate", file)).AssertFailsInOneLine(ExitCode.Failed);
    }

    [Fact]
    public async Task Lines_are_checked_one_by_one_with_their_number()
    {
        var good = JsonSerializer.Serialize(Sample.All.First(s => s.Contract.Type == Placed).Event);
        string[] lines =
        [
            good, "", good.Replace("\"EUR\"", "\"Eur\"", StringComparison.Ordinal), "{", good.Replace(Placed, "com.contoso.what.ever.v1", StringComparison.Ordinal),
            good.Replace("\"id\":", "\"ID\":", StringComparison.Ordinal), good.Replace("\"data\":", "\"was\":", StringComparison.Ordinal), $"[{good}, {good}]", "\ufeff7",
        ];
        foreach (var name in new[] { "events.jsonl", "events.json" })
        {
            var run = await RunAsync(ExitCode.Failed, "validate", Write(name, string.Join('\n', lines[..^1])));
            foreach (var told in new[]
            {
                $"{name}:3 $.currency: has the character 'u' at 1", $"{name}:4 is not JSON", $"{name}:5 type: there is no contract 'com.contoso.what.ever.v1'", $"{name}:6 ID: is no name of an attribute",
                $"{name}:7 was: is an object", "3 valid, 5 not.",
            })
            {
                Assert.Contains(told, run.Output, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Consumers hold these against every event too; and of the pipeline's own events the subject follows from the data.</summary>
    [Theory]
    [InlineData("specversion", "\"0.3\"", "specversion: is '0.3'; '1.0' is expected")]
    [InlineData("time", "\"yesterday\"", "time: is 'yesterday', not a time with its offset")]
    [InlineData("time", "7", "time: is no string")]
    [InlineData("sequence", "\"first\"", "sequence: is 'first', not a whole number")]
    [InlineData("subject", "\"another\"", "subject: is 'another', not 'o-")]
    [InlineData("partitionkey", "\"another\"", "partitionkey: is 'another', not 'o-")]
    public async Task An_events_own_attributes_are_checked(string name, string value, string told)
    {
        var wrong = JsonNode.Parse(File.ReadAllText(Repository.PathOf($"{ContractFiles.Samples}/{Placed}.full.json")))!;
        wrong[name] = JsonNode.Parse(value);
        Assert.Contains(told, (await RunAsync(ExitCode.Failed, "validate", Write("event.json", wrong.ToJsonString(Relaxed)))).Output, StringComparison.Ordinal);

        // What others call the subject of their events is up to them.
        wrong.AsObject().Remove("partitionkey");
        await RunAsync(name is "subject" or "partitionkey" ? ExitCode.Ok : ExitCode.Failed, "validate", Write("event.json", wrong.ToJsonString(Relaxed)));
    }

    [Fact]
    public async Task Data_in_base64_is_checked_too()
    {
        var sample = JsonNode.Parse(File.ReadAllText(Repository.PathOf($"{ContractFiles.Samples}/{Placed}.full.json")))!.AsObject();
        var data = sample["data"]!.ToJsonString();
        sample.Remove("data");
        foreach (var (text, told) in new[]
        {
            (Convert.ToBase64String(Encoding.UTF8.GetBytes(data)), "1 valid, 0 not."),
            (Convert.ToBase64String(Encoding.UTF8.GetBytes(data.Replace("EUR", "Eur", StringComparison.Ordinal))), "$.currency"),
            ("?", "data_base64: is not Base64"),
        })
        {
            sample["data_base64"] = text;
            Assert.Contains(told, (await CliRun.OfAsync("contracts", "validate", Write("event.json", sample.ToJsonString(Relaxed)))).Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("data.json")]
    [InlineData("data.jsonl")]
    public async Task Bytes_that_are_not_UTF_8_are_no_fault_of_the_tool(string name)
    {
        foreach (var bytes in new[] { "{\"orderId\":\"\u00ff\"}"u8.ToArray()[..^3], Encoding.Latin1.GetBytes("{\"orderId\":\"\u00ff\"}"), Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{\"orderId\":\"o\"}")).ToArray() })
        {
            var file = Path.Combine(_folder, name);
            File.WriteAllBytes(file, bytes);
            var run = await CliRun.OfAsync("contracts", "validate", file, "--type", "stock-reserved");
            Assert.Equal(ExitCode.Failed, run.ExitCode);
            Assert.DoesNotContain("bug of the tool", run.Error + run.Output, StringComparison.Ordinal);
        }

        var marked = Path.Combine(_folder, name);
        File.WriteAllText(marked, """{"orderId":"o"}""", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await RunAsync(ExitCode.Ok, "validate", marked, "--type", "stock-reserved");
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Func<string, string> Add(string line) => text => text.Replace($"{Placed} $.orderId", $"{line}\n{Placed} $.orderId", StringComparison.Ordinal);

    private static async Task<CliRun> RunAsync(int exitCode, params string[] args)
    {
        var run = await CliRun.OfAsync(["contracts", .. args]);
        Assert.True(run.ExitCode == exitCode, run.Output + run.Error);
        return run;
    }

    private string CloneWith(Surface approved, Func<string, string>? edit = null)
    {
        var clone = Path.Combine(_folder, "clone");
        Directory.CreateDirectory(Path.Combine(clone, ContractFiles.Schemas));
        File.WriteAllText(Path.Combine(clone, "pipeline"), "");
        var text = SurfaceText.Write(approved);
        File.WriteAllText(Path.Combine(clone, ContractFiles.Approved), edit is null ? text : edit(text));
        return clone;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
