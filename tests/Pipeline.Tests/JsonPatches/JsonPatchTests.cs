using System.Text;
using System.Text.Json.Nodes;
using Pipeline.JsonPatches;

namespace Pipeline.Tests;

/// <summary>JSON Patch as RFC 6902 has it: its own examples, the rules of JSON Pointer, and an independent implementation.</summary>
public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("A.1 Adding an Object Member", """{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"baz":"qux","foo":"bar"}""")]
    [InlineData("A.2 Adding an Array Element", """{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("A.3 Removing an Object Member", """{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("A.4 Removing an Array Element", """{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("A.5 Replacing a Value", """{"baz":"qux","foo":"bar"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo","foo":"bar"}""")]
    [InlineData("A.6 Moving a Value", """{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("A.7 Moving an Array Element", """{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("A.8 Testing a Value: Success", """{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]""", """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("A.9 Testing a Value: Error", """{"baz":"qux"}""", """[{"op":"test","path":"/baz","value":"bar"}]""", null)]
    [InlineData("A.10 Adding a Nested Member Object", """{"foo":"bar"}""", """[{"op":"add","path":"/child","value":{"grandchild":{}}}]""", """{"foo":"bar","child":{"grandchild":{}}}""")]
    [InlineData("A.11 Ignoring Unrecognized Elements", """{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux","xyz":123}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("A.12 Adding to a Nonexistent Target", """{"foo":"bar"}""", """[{"op":"add","path":"/baz/bat","value":"qux"}]""", null)]
    [InlineData("A.13 Invalid JSON Patch Document", """{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux","op":"remove"}]""", null)]
    [InlineData("A.14 Escape Ordering", """{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10}]""", """{"/":9,"~1":10}""")]
    [InlineData("A.15 Comparing Strings and Numbers", """{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":"10"}]""", null)]
    [InlineData("A.16 Adding an Array Value", """{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc","def"]}]""", """{"foo":["bar",["abc","def"]]}""")]
    public void The_examples_of_appendix_A(string name, string document, string patch, string? expected) => Check(name, document, patch, expected);

    [Theory]
    [InlineData("an existing member is replaced", """{"a":1}""", """[{"op":"add","path":"/a","value":null}]""", """{"a":null}""")]
    [InlineData("the whole document", """{"a":1}""", """[{"op":"replace","path":"","value":[1]}]""", "[1]")]
    [InlineData("null is a document, too", "null", """[{"op":"add","path":"","value":{"a":1}}]""", """{"a":1}""")]
    [InlineData("an empty name is a name", """{"":1}""", """[{"op":"replace","path":"/","value":2}]""", """{"":2}""")]
    [InlineData("the end of an array by its length", "[1]", """[{"op":"add","path":"/1","value":2}]""", "[1,2]")]
    [InlineData("beyond the end", "[1]", """[{"op":"add","path":"/2","value":2}]""", null)]
    [InlineData("no leading zero", "[1,2]", """[{"op":"replace","path":"/01","value":3}]""", null)]
    [InlineData("no sign", "[1,2]", """[{"op":"replace","path":"/+1","value":3}]""", null)]
    [InlineData("no exponent", "[1,2]", """[{"op":"replace","path":"/1e0","value":3}]""", null)]
    [InlineData("the end is no value", "[1]", """[{"op":"remove","path":"/-"}]""", null)]
    [InlineData("'-' is a name in an object", """{"-":1}""", """[{"op":"remove","path":"/-"}]""", "{}")]
    [InlineData("a number is a name in an object", """{"0":1}""", """[{"op":"replace","path":"/0","value":2}]""", """{"0":2}""")]
    [InlineData("replacing needs a value to be there", "{}", """[{"op":"replace","path":"/a","value":1}]""", null)]
    [InlineData("removing needs a value to be there", "{}", """[{"op":"remove","path":"/a"}]""", null)]
    [InlineData("a member that is null is there", """{"a":null}""", """[{"op":"remove","path":"/a"}]""", "{}")]
    [InlineData("the document cannot be removed", "{}", """[{"op":"remove","path":""}]""", null)]
    [InlineData("a value cannot be moved into itself", """{"a":{"b":1}}""", """[{"op":"move","from":"/a","path":"/a/b"}]""", null)]
    [InlineData("nor where another item takes its place", """{"a":[{"x":1},{"y":2}]}""", """[{"op":"move","from":"/a/0","path":"/a/0/z"}]""", null)]
    [InlineData("a prefix by letters is none", """{"a":1}""", """[{"op":"move","from":"/a","path":"/ab"}]""", """{"ab":1}""")]
    [InlineData("moving to the same place", """{"a":1}""", """[{"op":"move","from":"/a","path":"/a"}]""", """{"a":1}""")]
    [InlineData("a copy is another value", """{"a":{"b":1}}""", """[{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/c/b","value":2}]""", """{"a":{"b":1},"c":{"b":2}}""")]
    [InlineData("numbers by their value", """{"a":1.0}""", """[{"op":"test","path":"/a","value":1}]""", """{"a":1.0}""")]
    [InlineData("numbers by their value, exponents", """{"a":100}""", """[{"op":"test","path":"/a","value":1e2}]""", """{"a":100}""")]
    [InlineData("large numbers exactly", """{"a":9007199254740993}""", """[{"op":"test","path":"/a","value":9007199254740992}]""", null)]
    [InlineData("members in any order", """{"a":{"b":1,"c":2}}""", """[{"op":"test","path":"/a","value":{"c":2,"b":1}}]""", """{"a":{"b":1,"c":2}}""")]
    [InlineData("items in their order", """{"a":[1,2]}""", """[{"op":"test","path":"/a","value":[2,1]}]""", null)]
    [InlineData("a bare '~'", """{"~":1}""", """[{"op":"remove","path":"/~"}]""", null)]
    [InlineData("an unknown escape", """{"~2":1}""", """[{"op":"remove","path":"/~2"}]""", null)]
    [InlineData("a pointer without a slash", """{"a":1}""", """[{"op":"remove","path":"a"}]""", null)]
    [InlineData("an unknown operation", "{}", """[{"op":"merge","path":"/a","value":1}]""", null)]
    [InlineData("add without a value", "{}", """[{"op":"add","path":"/a"}]""", null)]
    [InlineData("copy without from", """{"a":1}""", """[{"op":"copy","path":"/b"}]""", null)]
    [InlineData("no array", "{}", """{"op":"add","path":"/a","value":1}""", null)]
    [InlineData("nothing to do", "[1]", "[]", "[1]")]
    public void The_rules(string name, string document, string patch, string? expected) => Check(name, document, patch, expected);

    [Fact]
    public void It_is_all_or_nothing_and_the_failing_operation_is_named()
    {
        var document = JsonNode.Parse("""{"a":[1],"b":2}""")!;
        var patch = Parse("""[{"op":"add","path":"/a/-","value":2},{"op":"remove","path":"/b"},{"op":"test","path":"/a/0","value":5}]""");

        var failure = Assert.Throws<JsonPatchException>(() => patch.Apply(document));

        Assert.Equal(2, failure.Operation);
        Assert.Equal("Operation 2 of the patch: the test of '/a/0' failed: it is 1, not 5.", failure.Message);
        Assert.Equal("""{"a":[1],"b":2}""", document.ToJsonString());
    }

    [Fact]
    public void A_patch_can_be_applied_again_and_again()
    {
        var patch = Parse("""[{"op":"add","path":"/a","value":{"b":[]}},{"op":"add","path":"/a/b/-","value":1}]""");
        Assert.Equal(patch.Apply(JsonNode.Parse("{}"))!.ToJsonString(), patch.Apply(JsonNode.Parse("{}"))!.ToJsonString());
    }

    [Fact]
    public void A_small_patch_cannot_make_a_huge_or_endlessly_deep_document()
    {
        var deepening = "[" + string.Join(',', Enumerable.Range(1, 70).Select(i => $$"""{"op":"add","path":"{{string.Concat(Enumerable.Repeat("/0", i))}}","value":[]}""")) + "]";
        Assert.Contains("deeper than 62", Assert.Throws<JsonPatchException>(() => Parse(deepening).Apply(JsonNode.Parse("[]"))).Message, StringComparison.Ordinal);
        var doubling = "[" + string.Join(',', Enumerable.Repeat("""{"op":"copy","from":"","path":"/-"}""", 60)) + "]";
        Assert.Contains("at most 1048576", Assert.Throws<JsonPatchException>(() => Parse(doubling).Apply(JsonNode.Parse("[1]"))).Message, StringComparison.Ordinal);
        var growing = "[" + string.Join(',', Enumerable.Range(0, 60).Select(i => Invariant($$"""{"op":"copy","from":"/a","path":"/b{{i}}"}"""))) + "]";
        var large = new JsonObject { ["a"] = new string('x', 100_000) };
        Assert.Contains("at most 1048576", Assert.Throws<JsonPatchException>(() => Parse(growing).Apply(large)).Message, StringComparison.Ordinal);
        var long_ = "[" + string.Join(',', Enumerable.Repeat("""{"op":"test","path":"","value":1}""", JsonPatch.MaxOperations + 1)) + "]";
        Assert.Contains("at most 200", Assert.Throws<JsonPatchException>(() => Parse(long_)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Random_patches_end_as_with_an_independent_implementation()
    {
        var random = new Random(20261121);
        var cases = Enumerable.Range(0, 3000).Select(_ => RandomCase(random)).ToList();
        var input = new JsonArray([.. cases.Select(c => new JsonObject { ["document"] = c.Document?.DeepClone(), ["patch"] = c.Patch.DeepClone() })]);

        var answers = JsonNode.Parse(await Interop.NodePackage.RunAsync("apply.mjs", [], input.ToJsonString(), "JsonPatches"))!.AsArray();

        var (applied, compared) = (0, 0);
        for (var i = 0; i < cases.Count; i++)
        {
            var (document, patch) = cases[i];
            var failed = false;
            var isLax = false;
            JsonNode? ours = null;
            try
            {
                ours = Parse(patch.ToJsonString()).Apply(document);
            }
            catch (JsonPatchException e)
            {
                failed = true;
                isLax = IsInScalar(document, patch, e.Operation!.Value);
            }

            // It takes members of a text or number for places that can be written.
            if (isLax)
                continue;
            compared++;
            var where = $"{document?.ToJsonString() ?? "null"} {patch.ToJsonString()}: ours {(failed ? "refused" : ours?.ToJsonString() ?? "null")}, theirs {answers[i]!.ToJsonString()}";
            Assert.True(failed == answers[i]!.AsObject().ContainsKey("error"), where);
            Assert.True(failed || JsonNode.DeepEquals(ours, answers[i]!["result"]), where);
            applied += failed ? 0 : 1;
        }

        Assert.True(compared > 1000 && applied > 300 && compared - applied > 300, Invariant($"{compared} {applied}"));
    }

    /// <summary>Whether an operation fails because its place is within something that has no members.</summary>
    private static bool IsInScalar(JsonNode? document, JsonArray patch, int index)
    {
        var before = Parse(new JsonArray([.. patch.Take(index).Select(o => o!.DeepClone())]).ToJsonString()).Apply(document);
        return new[] { "path", "from" }.Select(name => (string?)patch[index]![name]).OfType<string>().Select(text => JsonPointer.Parse(text)!).Any(pointer =>
            Enumerable.Range(0, pointer.Tokens.Count).Any(count => pointer.TryFollow(before, count, out var parent) && parent is null or JsonValue));
    }

    [Fact]
    public void Where_two_documents_differ_is_what_a_patch_would_change()
    {
        var random = new Random(7);
        for (var i = 0; i < 1000; i++)
        {
            var (before, after) = (RandomValue(random, 4), RandomValue(random, 4));
            var patch = new JsonArray();
            foreach (var d in JsonDifferences.Between(before, after).OrderBy(d => d.Kind == "removed" ? 0 : 1).ThenByDescending(d => d.Kind == "removed" ? IndexOf(d.Path) : 0))
            {
                // A document that is null altogether is as good as none here.
                patch.Add(d.Kind == "removed" && d.Path.Length > 0
                    ? new JsonObject { ["op"] = "remove", ["path"] = d.Path }
                    : new JsonObject { ["op"] = d.Kind == "changed" ? "replace" : "add", ["path"] = d.Path, ["value"] = d.New?.DeepClone() });
            }

            Assert.True(JsonNode.DeepEquals(after, Parse(patch.ToJsonString()).Apply(before)), $"{before} {after} {patch}");
        }

        static int IndexOf(string path) => JsonPointer.IndexOf(path[(path.LastIndexOf('/') + 1)..]);
    }

    private static JsonPatch Parse(string patch) => JsonPatch.Parse(Encoding.UTF8.GetBytes(patch));

    private static void Check(string name, string document, string patch, string? expected)
    {
        if (expected is null)
        {
            Assert.Throws<JsonPatchException>(() => Parse(patch).Apply(JsonNode.Parse(document)));
            return;
        }

        var result = Parse(patch).Apply(JsonNode.Parse(document));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), $"{name}: {result?.ToJsonString()}");
    }

    /// <summary>Few names, so that patches often meet something.</summary>
    private static readonly string[] Names = ["a", "b", "~", "/", "0"];

    private static JsonNode? RandomValue(Random random, int depth) => random.Next(depth == 0 ? 4 : 8) switch
    {
        0 => null,
        1 => random.Next(3),
        2 => Names[random.Next(Names.Length)],
        3 => random.Next(2) == 0,
        4 or 5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))]),
        _ => new JsonObject(Names.Where(_ => random.Next(2) == 0).ToDictionary(n => n, _ => RandomValue(random, depth - 1))),
    };

    private static (JsonNode? Document, JsonArray Patch) RandomCase(Random random)
    {
        var document = new JsonObject(Names.ToDictionary(n => n, _ => RandomValue(random, 3)));
        var places = PlacesIn(document, "").ToList();
        return (document, new JsonArray([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => RandomOperation(random, document, places))]));
    }

    private static IEnumerable<string> PlacesIn(JsonNode? value, string at) => value switch
    {
        JsonObject members => members.SelectMany(m => PlacesIn(m.Value, $"{at}/{JsonPointer.Escape(m.Key)}").Prepend($"{at}/{JsonPointer.Escape(m.Key)}")),
        JsonArray items => items.SelectMany((item, i) => PlacesIn(item, Invariant($"{at}/{i}")).Prepend(Invariant($"{at}/{i}"))).Append(at + "/-"),
        _ => [],
    };

    private static JsonObject RandomOperation(Random random, JsonNode document, List<string> places)
    {
        var op = new[] { "add", "remove", "replace", "move", "copy", "test" }[random.Next(6)];
        var path = RandomPointer(random, places);
        var operation = new JsonObject { ["op"] = op, ["path"] = path };
        if (op is "move" or "copy")
        {
            // It moves a value into itself, which section 4.4 forbids.
            var from = RandomPointer(random, places);
            operation["from"] = from;
            if (JsonPointer.Parse(from)!.IsProperPrefixOf(JsonPointer.Parse(path)!))
                operation["op"] = "copy";
        }
        else if (op is "test" && random.Next(4) > 0 && JsonPointer.Parse(path) is { } pointer && pointer.TryFollow(document, pointer.Tokens.Count, out var there))
            operation["value"] = there?.DeepClone();
        else if (op is not "remove")
            operation["value"] = RandomValue(random, 2);
        return operation;
    }

    /// <summary>Mostly a place of the document as it starts. Not the root: what is left after removing everything, the two see differently.</summary>
    private static string RandomPointer(Random random, List<string> places) => random.Next(5) > 0
        ? places[random.Next(places.Count)]
        : string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => "/" + (random.Next(2) == 0 ? new[] { "0", "1", "-" }[random.Next(3)] : JsonPointer.Escape(Names[random.Next(Names.Length)]))));
}
