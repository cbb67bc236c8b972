using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

/// <summary>What expressions and functions are worth, wrong types included. An empty list is undefined.</summary>
public sealed class QueryExpressionTests : IAsyncLifetime, IDisposable
{
    private readonly LocalCosmos _cosmos = new();

    public Task InitializeAsync() => _cosmos.Items.CreateItemAsync(
        JObject.Parse("""{"id":"i","pk":"p","n":7,"s":"Ab","nul":null,"t":true,"a":[1,"x",{"k":1,"l":2}],"o":{"k":{"v":5}},"key":"k"}"""), new PartitionKey("p"));

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    // Operators.
    [InlineData("c.n + 1", "[8]")]
    [InlineData("1 + 2 * 3 - 4 / 2", "[5]")]
    [InlineData("(1 + 2) * 3", "[9]")]
    [InlineData("10 - 3 - 2", "[5]")]
    [InlineData("c.n % 4", "[3]")]
    [InlineData("7 / 2", "[3.5]")]
    [InlineData("-c.n", "[-7]")]
    [InlineData("- - c.n", "[7]")]
    [InlineData("+c.n", "[7]")]
    [InlineData("c.n + '1'", "[]")]
    [InlineData("c.n + null", "[]")]
    [InlineData("c.u + 1", "[]")]
    [InlineData("1 / 0", "[]")]
    [InlineData("[1 / 0, 2]", "[[2]]")]
    [InlineData("6 & 3", "[2]")]
    [InlineData("6 | 3", "[7]")]
    [InlineData("6 ^ 3", "[5]")]
    [InlineData("~5", "[-6]")]
    [InlineData("4294967297 & 3", "[1]")]
    [InlineData("1 + 1 = 2", "[true]")]
    [InlineData("1 < 2 = true", "[true]")]
    [InlineData("c.s || 'c' || 'd'", """["Abcd"]""")]
    [InlineData("(c.s || 'c') = 'Abc'", "[true]")]
    [InlineData("c.s || 1", "[]")]
    [InlineData("c.u ?? c.nul ?? 1", "[null]")]
    [InlineData("c.u ?? 1", "[1]")]
    [InlineData("c.n > 5 ? 'big' : 'small'", """["big"]""")]
    [InlineData("c.u ? 1 : 2", "[2]")]
    [InlineData("c.n ? 1 : c.t ? 3 : 4", "[3]")]
    [InlineData("NOT NOT c.t", "[true]")]
    [InlineData("NOT NOT c.n", "[]")]
    [InlineData("c.s LIKE 'A_'", "[true]")]
    [InlineData("c.s LIKE 'a%'", "[false]")]
    [InlineData("c.s LIKE '[A-C]b'", "[true]")]
    [InlineData("c.s LIKE '[^A-C]b'", "[false]")]
    [InlineData("'10%' LIKE '10!%' ESCAPE '!'", "[true]")]
    [InlineData("'10x' LIKE '10!%' ESCAPE '!'", "[false]")]
    [InlineData("'a.b' LIKE 'a.b'", "[true]")]
    [InlineData("'axb' LIKE 'a.b'", "[false]")]
    [InlineData("'a\\nb' LIKE 'a%b'", "[true]")]
    [InlineData("c.s LIKE CONCAT('A', '%')", "[true]")]
    // Literals and members.
    [InlineData("{'x': c.n, y: [c.s, c.u, null], \"z\": c.u}", """[{"x":7,"y":["Ab",null]}]""")]
    [InlineData("{'x': {'y': 2}}.x.y", "[2]")]
    [InlineData("[1, 2, 3][1]", "[2]")]
    [InlineData("c.a[2].k", "[1]")]
    [InlineData("c.a[3]", "[]")]
    [InlineData("c['o'][c.key].v", "[5]")]
    [InlineData("c.a[c.n - 6]", """["x"]""")]
    [InlineData("c.s.length", "[]")]
    [InlineData("[]", "[[]]")]
    [InlineData("{}", "[{}]")]
    // Types.
    [InlineData("[IS_DEFINED(c.nul), IS_DEFINED(c.u), IS_NULL(c.nul), IS_NULL(c.u)]", "[[true,false,true,false]]")]
    [InlineData("[IS_ARRAY(c.a), IS_OBJECT(c.o), IS_OBJECT(c.a), IS_STRING(c.s), IS_BOOL(c.t), IS_NUMBER(c.n), IS_PRIMITIVE(c.a)]", "[[true,true,false,true,true,true,false]]")]
    [InlineData("[IS_INTEGER(1), IS_INTEGER(1.5), IS_INTEGER('1'), IS_FINITE_NUMBER(1 / 0), IS_FINITE_NUMBER(1)]", "[[true,false,false,false,true]]")]
    // Numbers.
    [InlineData("[ABS(-1.5), CEILING(1.2), FLOOR(-1.2), ROUND(2.5), ROUND(-2.5), ROUND(1.456, 2), TRUNC(-1.7), SIGN(-3)]", "[[1.5,2,-2,3,-3,1.46,-1,-1]]")]
    [InlineData("[SQRT(9), SQUARE(3), POWER(2, 10), EXP(0), LOG(1), LOG(8, 2), LOG10(1000)]", "[[3,9,1024,1,0,3,3]]")]
    [InlineData("[SIN(0), COS(0), TAN(0), ASIN(0), ACOS(1), ATAN(0), ATN2(0, 1), DEGREES(PI()), RADIANS(0)]", "[[0,1,0,0,0,0,0,180,0]]")]
    [InlineData("[ROUND(PI(), 4), ROUND(COT(1), 4), NUMBERBIN(37, 10), RAND() < 1]", "[[3.1416,0.6421,30,true]]")]
    [InlineData("ABS('1')", "[]")]
    [InlineData("SQRT(-1)", "[]")]
    [InlineData("POWER(2, c.u)", "[]")]
    // Texts.
    [InlineData("[CONCAT('a', 'b', 'c'), LOWER(c.s), UPPER(c.s), REVERSE('abc'), REPLICATE('ab', 3)]", """[["abc","ab","AB","cba","ababab"]]""")]
    [InlineData("[LEFT('abc', 2), RIGHT('abc', 2), SUBSTRING('abcdef', 1, 3), LEFT('abc', 9), LEFT('abc', -1), SUBSTRING('abc', 9, 1)]", """[["ab","bc","bcd","abc","",""]]""")]
    [InlineData("[LTRIM('  a '), RTRIM(' a  '), TRIM('  a  '), LTRIM('xxa', 'x')]", """[["a "," a","a","a"]]""")]
    [InlineData("[INDEX_OF('abcb', 'b'), INDEX_OF('abcb', 'b', 2), INDEX_OF('abc', 'z'), LENGTH('abc')]", "[[1,3,-1,3]]")]
    [InlineData("[REPLACE('aXbX', 'X', '-'), STRINGJOIN(['a', 'b'], '-')]", """[["a-b-","a-b"]]""")]
    [InlineData("STRINGSPLIT('a,b,,c', ',')", """[["a","b","","c"]]""")]
    [InlineData("[STARTSWITH('Abc', 'a'), STARTSWITH('Abc', 'a', true), ENDSWITH('abC', 'c', true), CONTAINS('aBc', 'b', true), STRINGEQUALS('a', 'A'), STRINGEQUALS('a', 'A', true)]", "[[false,true,true,true,false,true]]")]
    [InlineData("[RegexMatch('abcd', 'ABC', 'i'), RegexMatch('abcd', '^b'), RegexMatch('aa', '(a)\\\\1'), RegexMatch('a\\nb', '^b$', 'm')]", "[[true,false,true,true]]")]
    [InlineData("CONCAT('a', 1)", "[]")]
    [InlineData("CONCAT('a', c.u)", "[]")]
    [InlineData("LOWER(c.n)", "[]")]
    [InlineData("LENGTH(c.a)", "[]")]
    [InlineData("STARTSWITH(c.n, '7')", "[]")]
    [InlineData("STARTSWITH('a', 'a', 1)", "[]")]
    [InlineData("LEFT('abc', 1.5)", "[]")]
    [InlineData("REPLICATE('a', -1)", "[]")]
    [InlineData("REPLICATE('a', 10001)", "[]")]
    [InlineData("LENGTH(REPLICATE('a', 10000))", "[10000]")]
    [InlineData("RegexMatch(c.n, '7')", "[]")]
    // Conversions.
    [InlineData("[ToString(1.50), ToString(true), ToString(null), ToString('x'), ToString([1, \"a\"])]", """[["1.5","true","null","x","[1,\"a\"]"]]""")]
    [InlineData("[StringToNumber('1.5'), StringToBoolean(' true '), StringToNull('null'), StringToArray('[1, 2]'), StringToObject('{\"a\":1}')]", """[[1.5,true,null,[1,2],{"a":1}]]""")]
    [InlineData("ToString(c.u)", "[]")]
    [InlineData("StringToNumber('x')", "[]")]
    [InlineData("StringToNumber(1)", "[]")]
    [InlineData("StringToBoolean('True')", "[]")]
    [InlineData("StringToArray('{}')", "[]")]
    [InlineData("StringToObject('{} x')", "[]")]
    // Arrays and objects.
    [InlineData("[ARRAY_LENGTH(c.a), ARRAY_CONTAINS(c.a, 'x'), ARRAY_CONTAINS(c.a, {'k': 1}), ARRAY_CONTAINS(c.a, {'k': 1}, true)]", "[[3,true,false,true]]")]
    [InlineData("ARRAY_CONCAT([1], [2, 3], [])", "[[1,2,3]]")]
    [InlineData("[ARRAY_SLICE([1, 2, 3], 1), ARRAY_SLICE([1, 2, 3], 0, 2), ARRAY_SLICE([1, 2, 3], -2, 1), ARRAY_SLICE([1], 5)]", "[[[2,3],[1,2],[2],[]]]")]
    [InlineData("[ARRAY_CONTAINS_ANY([1, 2], 2, 9), ARRAY_CONTAINS_ALL([1, 2], 2, 9)]", "[[true,false]]")]
    [InlineData("[SetIntersect([1, 2, 3, 1], [3, 1.0]), SetUnion([1, 2], [2, 3])]", "[[[1,3],[1,2,3]]]")]
    [InlineData("[CHOOSE(2, 'a', 'b'), IIF(c.t, 1, 2), IIF(c.n, 1, 2)]", """[["b",1,2]]""")]
    [InlineData("ObjectToArray({'a': 1, 'b': [2]})", """[[{"k":"a","v":1},{"k":"b","v":[2]}]]""")]
    [InlineData("ARRAY_LENGTH(c.s)", "[]")]
    [InlineData("ARRAY_CONTAINS(c.s, 'A')", "[]")]
    [InlineData("ARRAY_CONTAINS(c.a, c.u)", "[]")]
    [InlineData("ARRAY_CONCAT(c.a, 1)", "[]")]
    // Times.
    [InlineData("DateTimeAdd('mm', 1, '2020-01-31T00:00:00.0000000Z')", """["2020-02-29T00:00:00.0000000Z"]""")]
    [InlineData("DateTimeAdd('hh', -1, '2020-01-01')", """["2019-12-31T23:00:00.0000000Z"]""")]
    [InlineData("[DateTimeDiff('yyyy', '2018-12-31T23:00:00Z', '2019-01-01T00:00:00Z'), DateTimeDiff('mm', '2019-02-04T16:00:00.0Z', '2018-03-05T05:00:00Z'), DateTimeDiff('hh', '2018-03-05T05:00:00Z', '2019-02-04T16:00:00Z')]", "[[1,-11,8075]]")]
    [InlineData("[DateTimePart('yyyy', '2016-05-29T08:30:00.1301617Z'), DateTimePart('m', '2016-05-29T08:30:00.1301617Z'), DateTimePart('ms', '2016-05-29T08:30:00.1301617Z'), DateTimePart('ns', '2016-05-29T08:30:00.1301617Z')]", "[[2016,5,130,130161700]]")]
    [InlineData("[DateTimeBin('2021-01-08T18:35:00.0000000', 'dd'), DateTimeBin('2021-01-08T18:35:00.0000000', 'hh', 5), DateTimeBin('2021-01-08T18:35:00Z', 'dd', 7)]", """[["2021-01-08T00:00:00.0000000Z","2021-01-08T15:00:00.0000000Z","2021-01-07T00:00:00.0000000Z"]]""")]
    [InlineData("[DateTimeFromParts(2020, 9, 4), DateTimeFromParts(2017, 4, 20, 13, 15, 20, 3456789)]", """[["2020-09-04T00:00:00.0000000Z","2017-04-20T13:15:20.3456789Z"]]""")]
    [InlineData("[DateTimeToTimestamp('2020-07-09T23:20:13.5Z'), TimestampToDateTime(1594336813500), DateTimeToTicks('1970-01-01T00:00:01Z'), TicksToDateTime(10000000)]", """[[1594336813500,"2020-07-09T23:20:13.5000000Z",10000000,"1970-01-01T00:00:01.0000000Z"]]""")]
    [InlineData("DateTimeAdd('xx', 1, '2020-01-01')", "[]")]
    [InlineData("DateTimeAdd('dd', 1, 'yesterday')", "[]")]
    [InlineData("DateTimeAdd('yyyy', 9000, '2020-01-01')", "[]")]
    [InlineData("DateTimeFromParts(2021, 2, 29)", "[]")]
    [InlineData("DateTimeBin('2021-01-08', 'dd', 0)", "[]")]
    [InlineData("TimestampToDateTime(1e300)", "[]")]
    [InlineData("GetCurrentTimestamp() = DateTimeToTimestamp(GetCurrentDateTime()) AND GetCurrentTicks() = DateTimeToTicks(GetCurrentDateTime())", "[true]")]
    // Subqueries.
    [InlineData("EXISTS(SELECT VALUE x FROM x IN c.a WHERE x.k = 1)", "[true]")]
    [InlineData("EXISTS(SELECT VALUE x FROM x IN c.a WHERE x.k = 9)", "[false]")]
    [InlineData("EXISTS(SELECT VALUE x.nope FROM x IN c.a)", "[false]")]
    [InlineData("ARRAY(SELECT VALUE x.k + c.n FROM x IN c.a)", "[[8]]")]
    [InlineData("ARRAY(SELECT x.k, c.n FROM x IN c.a WHERE IS_OBJECT(x))", """[[{"k":1,"n":7}]]""")]
    [InlineData("(SELECT VALUE COUNT(1) FROM x IN c.a)", "[3]")]
    [InlineData("(SELECT VALUE SUM(x) FROM x IN [1, 2, 3])", "[6]")]
    [InlineData("(SELECT COUNT(1) AS n, MAX(x) AS m FROM x IN [1, 2, 3]).m", "[3]")]
    [InlineData("(SELECT VALUE x FROM x IN c.a WHERE x = 5)", "[]")]
    [InlineData("ARRAY(SELECT DISTINCT VALUE x FROM x IN [1, 2, 1.0, '1'])", """[[1,2,"1"]]""")]
    [InlineData("ARRAY(SELECT VALUE x FROM x IN [3, 1, 2] ORDER BY x DESC OFFSET 0 LIMIT 2)", "[[3,2]]")]
    [InlineData("ARRAY(SELECT TOP 1 VALUE x FROM x IN [3, 1, 2])", "[[3]]")]
    [InlineData("ARRAY(SELECT x AS k, COUNT(1) AS n FROM x IN ['a', 'b', 'a'] GROUP BY x)", """[[{"k":"a","n":2},{"k":"b","n":1}]]""")]
    [InlineData("ARRAY(SELECT VALUE [x, y] FROM x IN [1, 2] JOIN y IN [3, 4])", "[[[1,3],[1,4],[2,3],[2,4]]]")]
    [InlineData("ARRAY(SELECT VALUE (SELECT VALUE COUNT(1) FROM y IN x) FROM x IN [[1], [1, 2]])", "[[1,2]]")]
    public async Task Expression_is_worth(string expression, string expected)
    {
        var found = await _cosmos.QueryAsync($"SELECT VALUE {expression} FROM c", "p");
        Assert.Equal(Canonical(JToken.Parse(expected)), Canonical(new JArray(found)));
        // The same over several partitions, and as a condition.
        Assert.Equal(Canonical(JToken.Parse(expected)), Canonical(new JArray(await _cosmos.QueryAsync($"SELECT VALUE {expression} FROM c"))));
        var holds = await _cosmos.QueryAsync($"SELECT VALUE c.id FROM c WHERE {expression}", "p");
        Assert.Equal(expected == "[true]" ? 1 : 0, holds.Count);
    }

    [Theory]
    [InlineData("SELECT VALUE 1", "[1]")]
    [InlineData("SELECT 1 AS a, 'b' AS b", """[{"a":1,"b":"b"}]""")]
    [InlineData("SELECT c.id, c.n + 1, c.a[0], c.s AS s FROM c", """[{"id":"i","$1":8,"$2":1,"s":"Ab"}]""")]
    [InlineData("SELECT VALUE {'n': COUNT(1), 'sum': SUM(c.n) + 1} FROM c", """[{"n":1,"sum":8}]""")]
    [InlineData("SELECT VALUE COUNT(1) + 1 FROM c", "[2]")]
    [InlineData("SELECT LOWER(c.s) AS low, MAX(c.n) * 2 AS twice FROM c GROUP BY LOWER(c.s)", """[{"low":"ab","twice":14}]""")]
    [InlineData("SELECT DISTINCT c.s FROM c ORDER BY c.s", """[{"s":"Ab"}]""")]
    [InlineData("SELECT DISTINCT TOP 1 VALUE c.s FROM c", """["Ab"]""")]
    [InlineData("SELECT TOP 1 VALUE COUNT(1) FROM c", "[1]")]
    [InlineData("SELECT VALUE x FROM x IN c.a", """[1,"x",{"k":1,"l":2}]""")]
    [InlineData("SELECT * FROM c.o", """[{"k":{"v":5}}]""")]
    [InlineData("SELECT VALUE k.v FROM c.o.k", "[5]")]
    [InlineData("SELECT * FROM c.nope", "[]")]
    [InlineData("SELECT x.k, c.id FROM c JOIN x IN c.a WHERE x.k = 1", """[{"k":1,"id":"i"}]""")]
    [InlineData("SELECT VALUE [c.id, n] FROM c JOIN (SELECT VALUE x.k FROM x IN c.a WHERE IS_OBJECT(x)) AS n", """[["i",1]]""")]
    [InlineData("SELECT VALUE n FROM c JOIN n IN (SELECT VALUE x.l FROM x IN c.a)", "[2]")]
    [InlineData("SELECT VALUE COUNT(1) FROM c JOIN x IN c.a JOIN y IN c.a", "[9]")]
    [InlineData("SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE root.s FROM root) AS r", "[1]")]
    [InlineData("SELECT VALUE r.twice FROM (SELECT c.n * 2 AS twice FROM c WHERE c.id = 'i') AS r ORDER BY r.twice", "[14]")]
    public async Task Query_returns(string query, string expected) =>
        Assert.Equal(Canonical(JToken.Parse(expected)), Canonical(new JArray(await _cosmos.QueryAsync(query, "p"))));

    /// <summary>Whole numbers without a point.</summary>
    private static string Canonical(JToken token) => token switch
    {
        JArray list => $"[{string.Join(',', list.Select(Canonical))}]",
        JObject item => $"{{{string.Join(',', item.Properties().Select(p => $"{p.Name}:{Canonical(p.Value)}"))}}}",
        { Type: JTokenType.Float or JTokenType.Integer } => new JValue(Math.Round((double)token, 10)).ToString(Formatting.None).Replace(".0", "", StringComparison.Ordinal),
        _ => token.ToString(Formatting.None),
    };
}
