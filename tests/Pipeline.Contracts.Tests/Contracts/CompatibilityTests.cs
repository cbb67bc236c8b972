using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.ContractRules;

/// <summary>The gate: a change that would break a consumer is not merged unnoticed. A corpus shows no miss and no false alarm.</summary>
public sealed class CompatibilityTests
{
    private static readonly string Line = """{"type":"string","maxLength":9}""";

    /// <summary>Each with the field that the message has to name.</summary>
    private static readonly (string Name, string Path, Action<Draft> Change)[] BreakingChanges =
    [
        ("a required field is removed", "$.total", d => d.Remove("", "total")),
        ("an optional field is removed", "$.note", d => d.Remove("", "note")),
        ("a field of a list's items is removed", "$.lines[].sku", d => d.Remove("lines[]", "sku")),
        ("a field of an inner record is removed", "$.customer.city", d => d.Remove("customer", "city")),
        ("an inner record is removed", "$.customer", d => d.Remove("", "customer")),
        ("a list is removed", "$.tags", d => d.Remove("", "tags")),
        ("a field is renamed", "$.total", d => d.Rename("", "total", "amount")),
        ("a field changes its case", "$.id", d => d.Rename("", "id", "Id")),
        ("an item's field is renamed", "$.lines[].quantity", d => d.Rename("lines[]", "quantity", "pieces")),
        ("a number becomes a text", "$.total", d => d.Schema["properties"]!["total"] = System.Text.Json.Nodes.JsonNode.Parse(Line)),
        ("a number becomes a whole number", "$.total", d => d.Set("total", "type", "\"integer\"")),
        ("a whole number becomes a number", "$.count", d => d.Set("count", "type", "\"number\"")),
        ("a text becomes a list of texts", "$.id", d => d.Schema["properties"]!["id"] = System.Text.Json.Nodes.JsonNode.Parse($$"""{"type":"array","maxItems":1,"items":{{Line}}}""")),
        ("a flag becomes a text", "$.flag", d => d.Schema["properties"]!["flag"] = System.Text.Json.Nodes.JsonNode.Parse(Line)),
        ("the items of a list change their type", "$.tags[]", d => d.Set("tags[]", "type", "\"integer\"")),
        ("a required field may be null", "$.id", d => d.Set("id", "type", """["string","null"]""")),
        ("an optional field may not be null any more", "$.note", d => d.Set("note", "type", "\"string\"")),
        ("a required field becomes optional", "$.total", d => d.Release("", "total")),
        ("an optional field becomes required", "$.note", d => d.Require("", "note")),
        ("a new field is required", "$.channel", d => d.Add("", "channel", Line, isRequired: true)),
        ("a new field of items is required", "$.lines[].unit", d => d.Add("lines[]", "unit", Line, isRequired: true)),
        ("a new field of an inner record is required", "$.customer.mail", d => d.Add("customer", "mail", Line, isRequired: true)),
        ("an enum is narrowed", "$.currency", d => d.Set("currency", "enum", """["EUR"]""")),
        ("a word of an enum is replaced", "$.currency", d => d.Set("currency", "enum", """["EUR","GBP"]""")),
        ("a text gets an enum", "$.customer.name", d => d.Set("customer.name", "enum", """["me"]""")),
        ("an enum that partners know is widened", "$.currency", d => d.Set("currency", "enum", """["EUR","GBP","USD"]""")),
        ("a text's most characters fall", "$.id", d => d.Set("id", "maxLength", "79")),
        ("a text's fewest characters rise", "$.lines[].sku", d => d.Set("lines[].sku", "minLength", "2")),
        ("a text gets a fewest number of characters", "$.note", d => d.Set("note", "minLength", "1")),
        ("a text that partners know may be longer", "$.note", d => d.Set("note", "maxLength", "101")),
        ("a limit that partners know is gone", "$.customer.name", d => d.Set("customer.name", "maxLength", null)),
        ("a number's most falls", "$.total", d => d.Set("total", "maximum", "999.5")),
        ("a number's least rises", "$.count", d => d.Set("count", "minimum", "2")),
        ("a least number is excluded", "$.count", d => { d.Set("count", "minimum", null); d.Set("count", "exclusiveMinimum", "1"); }),
        ("a number has to be a multiple", "$.count", d => d.Set("count", "multipleOf", "2")),
        ("a list's most items fall", "$.lines", d => d.Set("lines", "maxItems", "4")),
        ("a list's fewest items rise", "$.tags", d => d.Set("tags", "minItems", "1")),
        ("a list's items have to be unique", "$.tags", d => d.Set("tags", "uniqueItems", "true")),
        ("a text gets a pattern", "$.note", d => d.Set("note", "pattern", "\"^[a-z ]*$\"")),
        ("a pattern changes", "$.id", d => d.Set("id", "pattern", "\"^[A-Z]*$\"")),
        ("a text gets a format", "$.note", d => d.Set("note", "format", "\"uri\"")),
        ("a time becomes a day", "$.at", d => d.Set("at", "format", "\"date\"")),
        ("a default changes", "$.priority", d => d.Set("priority", "default", "1")),
        ("the subject rule changes", "$", d => d.SubjectRule = "{customer}"),
        ("the subject rule gets a prefix", "$", d => d.SubjectRule = "order-{id}"),
        ("the contract is removed", "$", d => d.IsGone = true),
        ("the contract is not public any more", "$", d => d.IsPublic = false),
        ("the topic changes", "$", d => d.Destination = "other"),
        ("an event becomes a command", "$", d => { d.Kind = ContractKind.Command; }),
        ("the record gets a field that everybody has to send", "$.channel", d => d.Schema = Draft.SchemaOf<Draft.PlacedWithMust>()),
        ("a harmless change hides a breaking one", "$.flag", d => { d.Add("", "extra", Line); d.Remove("", "flag"); }),
    ];

    private static readonly (string Name, Action<Draft> Change)[] HarmlessChanges =
    [
        ("nothing", _ => { }),
        ("a new optional text", d => d.Add("", "extra", Line)),
        ("a new optional text that may be null", d => d.Add("", "extra", """{"type":["string","null"],"maxLength":9}""")),
        ("a new optional number", d => d.Add("", "extra", """{"type":"number","minimum":0,"maximum":1}""")),
        ("a new optional number with a default", d => d.Add("", "extra", """{"type":"integer","minimum":0,"maximum":1,"default":1}""")),
        ("a new optional flag", d => d.Add("", "extra", """{"type":"boolean"}""")),
        ("a new optional time", d => d.Add("", "extra", """{"type":"string","format":"date-time"}""")),
        ("a new optional enum", d => d.Add("", "extra", """{"type":"string","enum":["a"]}""")),
        ("a new optional list", d => d.Add("", "extra", $$"""{"type":"array","maxItems":3,"items":{{Line}}}""")),
        ("a new optional list of objects with required fields", d => d.Add("", "extra", $$$"""{"type":"array","maxItems":3,"items":{"type":"object","properties":{"a":{{{Line}}}},"required":["a"]}}""")),
        ("a new optional object with required fields", d => d.Add("", "extra", $$$"""{"type":"object","properties":{"a":{{{Line}}},"b":{{{Line}}}},"required":["a"]}""")),
        ("a new optional field of items", d => d.Add("lines[]", "extra", Line)),
        ("a new optional field of an inner record", d => d.Add("customer", "extra", Line)),
        ("a new optional field whose name begins as another's", d => d.Add("", "notes", Line)),
        ("two new optional fields", d => { d.Add("", "extra", Line); d.Add("customer", "extra", Line); }),
        ("another description", d => d.Schema["description"] = "Something else."),
        ("another description of a field", d => d.Set("lines[].sku", "description", "\"Something else.\"")),
        ("another title", d => d.Schema["title"] = "Something else"),
        ("another address", d => d.Schema["$id"] = "/elsewhere"),
        ("examples", d => d.Set("id", "examples", """["a"]""")),
        ("a comment", d => d.Set("id", "$comment", "\"a\"")),
        ("marked as deprecated", d => d.Set("note", "deprecated", "true")),
        ("fields in another order", d => { var note = d["note"].ToJsonString(); d.Remove("", "note"); d.Schema["properties"]!.AsObject().Insert(0, "note", System.Text.Json.Nodes.JsonNode.Parse(note)); }),
        ("required fields in another order", d => { d.Release("", "id"); d.Require("", "id"); }),
        ("words of an enum in another order", d => d.Set("currency", "enum", """["USD","EUR"]""")),
        ("types in another order", d => d.Set("note", "type", """["null","string"]""")),
        ("a limit said in another way", d => { d.Set("count", "minimum", null); d.Set("count", "exclusiveMinimum", "0"); }),
        ("an upper limit said in another way", d => { d.Set("count", "maximum", null); d.Set("count", "exclusiveMaximum", "11"); }),
        ("a number written in another way", d => d.Set("total", "maximum", "1000.0")),
        ("a fewest number of none is said", d => d.Set("note", "minLength", "0")),
        ("that items need not be unique is said", d => d.Set("tags", "uniqueItems", "false")),
        ("a default of null is said", d => d.Set("note", "default", "null")),
        ("the contract becomes public", d => d.IsPublic = true),
        ("an event says that it carries the state", d => d.Kind = ContractKind.StateTransfer),
        ("a new contract", d => d.Others.Add(Other("com.contoso.tests.other.v1"))),
        ("a new version beside the old one", d => d.Others.Add(Other("com.contoso.tests.placed.v2"))),
        ("the record gets optional fields", d => d.Schema = Draft.SchemaOf<Draft.PlacedWithMore>()),
    ];

    private static readonly (string Name, string Path, Action<Draft> Change)[] Loosenings =
    [
        ("an enum is widened", "$.currency", d => d.Set("currency", "enum", """["EUR","GBP","USD"]""")),
        ("a text may be longer", "$.note", d => d.Set("note", "maxLength", "101")),
        ("a text may be shorter", "$.lines[].sku", d => d.Set("lines[].sku", "minLength", null)),
        ("a number may be more", "$.total", d => d.Set("total", "maximum", "1000.01")),
        ("a list may be longer", "$.tags", d => d.Set("tags", "maxItems", "4")),
        ("a pattern is gone", "$.id", d => d.Set("id", "pattern", null)),
        ("an enum is gone", "$.currency", d => d.Set("currency", "enum", null)),
    ];

    public static TheoryData<string> Breaking => [.. BreakingChanges.Select(c => c.Name)];

    public static TheoryData<string> Harmless => [.. HarmlessChanges.Select(c => c.Name)];

    public static TheoryData<string> Loosening => [.. Loosenings.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Breaking))]
    public void A_breaking_change_is_found_with_its_field_its_readers_and_the_ways_out(string name)
    {
        var (_, path, change) = BreakingChanges.Single(c => c.Name == name);
        var changes = Compare(isPublic: true, change);
        var broken = Assert.Single(changes, c => c.Effect == ChangeEffect.Breaking && c.Path == path);
        Assert.Equal(Draft.Type, broken.Type);
        var told = SurfaceComparison.Explain(changes);
        foreach (var word in new[] { $"BREAKING {Draft.Type} {path}: ", $"Read by reads:{path}, everybody.", "a migration", "--migration" })
            Assert.Contains(word, told, StringComparison.Ordinal);

        // Of what is no more there is no new version.
        var isGone = name == "the contract is removed";
        Assert.Equal(!isGone, told.Contains("a new version", StringComparison.Ordinal));
        Assert.Equal(isGone, told.Contains("put it back", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void A_harmless_change_is_no_alarm(string name)
    {
        var changes = Compare(isPublic: false, HarmlessChanges.Single(c => c.Name == name).Change);
        Assert.All(changes, c => Assert.Equal(ChangeEffect.Harmless, c.Effect));
        Assert.Equal(changes.Count == 0, SurfaceComparison.Explain(changes).Length == 0);
        if (changes.Count > 0)
            Assert.Contains(ContractFiles.ApproveCommand, SurfaceComparison.Explain(changes), StringComparison.Ordinal);
    }

    /// <summary>What is inside is deployed together; partners are not.</summary>
    [Theory]
    [MemberData(nameof(Loosening))]
    public void What_allows_more_names_who_has_to_be_deployed_first_and_breaks_partners(string name)
    {
        var (_, path, change) = Loosenings.Single(c => c.Name == name);
        Assert.Equal((ChangeEffect.Loosening, path), Assert.Single(Compare(isPublic: false, change).Select(c => (c.Effect, c.Path))));
        Assert.Contains("Deploy the consumers named here before", SurfaceComparison.Explain(Compare(isPublic: false, change)), StringComparison.Ordinal);
        Assert.Equal((ChangeEffect.Breaking, path), Assert.Single(Compare(isPublic: true, change).Select(c => (c.Effect, c.Path))));
    }

    [Fact]
    public void The_corpus_is_large_enough()
    {
        Assert.True(BreakingChanges.Length >= 25);
        Assert.True(HarmlessChanges.Length >= 25);
    }

    [Fact]
    public void A_renamed_field_is_told_with_its_new_name() =>
        Assert.Contains("renamed to $.amount?", SurfaceComparison.Explain(Compare(true, d => d.Rename("", "total", "amount"))), StringComparison.Ordinal);

    [Fact]
    public void What_goes_or_comes_with_its_parent_is_told_once() =>
        Assert.Equal(["$.customer"], Compare(true, d => d.Remove("", "customer")).Select(c => c.Path));

    [Fact]
    public void A_migration_permits_just_the_change_that_it_names()
    {
        var changes = Compare(true, d =>
        {
            d.Remove("", "total");
            d.Remove("", "flag");
            d.Migrations.Add(new Migration(Draft.Type, "$.total", "nobody reads it since May"));
        });
        Assert.Equal(["$.flag"], changes.Where(c => c.Effect == ChangeEffect.Breaking).Select(c => c.Path));
        Assert.Contains(changes, c => c.Path == "$.total" && c.What.Contains("nobody reads it since May", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("anyOf", "[]")]
    [InlineData("$ref", "\"#\"")]
    [InlineData("additionalProperties", "false")]
    public void A_keyword_that_cannot_be_compared_is_no_silent_pass(string keyword, string value)
    {
        var draft = new Draft(true);
        draft.Set("customer", keyword, value);
        Assert.Contains($"'{keyword}'", Assert.Throws<NotSupportedException>(() => draft.Surface).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("com.contoso.x.v1 $.a string required")]
    [InlineData("com.contoso.x.v1 event public to=a subject=b")]
    [InlineData("com.contoso.x.v1 domain-event public to=a subject=b\ncom.contoso.x.v1 $.a string maybe")]
    [InlineData("com.contoso.x.v1 domain-event public to=a subject=b\ncom.contoso.x.v1 domain-event public to=a subject=b")]
    public void A_file_that_is_no_surface_is_refused_with_its_line(string text) =>
        Assert.Matches("^Line [12] ", Assert.Throws<FormatException>(() => SurfaceText.Read(text)).Message);

    private static IReadOnlyList<SurfaceChange> Compare(bool isPublic, Action<Draft> change)
    {
        var before = new Draft(isPublic);
        var now = new Draft(isPublic);
        change(now);
        return SurfaceComparison.Compare(before.Surface, now.Surface, (_, path) => ["reads:" + path, "everybody"]);
    }

    private static ContractSurface Other(string type) => new(type, ContractKind.DomainEvent, true, "tests", "{id}", ContractSurface.FieldsOf(Draft.SchemaOf<Draft.Placed>()));
}
