using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

internal sealed partial class SqlParser
{
    private const int MaxDepth = 200;
    private int _depth;

    private SqlExpression ReadExpression()
    {
        // A stack overflow would end the process, which no query may do.
        if (++_depth > MaxDepth)
            throw Error("the query is nested too deeply", Current.Position);
        var expression = ReadChain("OR", ReadAnd);
        _depth--;
        return expression;
    }

    private SqlExpression ReadAnd() => ReadChain("AND", ReadNot);

    private SqlExpression ReadChain(string keyword, Func<SqlExpression> readOperand)
    {
        var first = readOperand();
        if (!Current.IsKeyword(keyword))
            return first;
        var operands = new List<SqlExpression> { first };
        while (Accept(keyword))
            operands.Add(readOperand());
        return new LogicalExpression(keyword == "AND", [.. operands]);
    }

    private SqlExpression ReadNot()
    {
        var negations = 0;
        while (Accept("NOT"))
            negations++;
        var operand = ReadComparison();
        for (; negations > 0; negations--)
            operand = new NotExpression(operand);
        return operand;
    }

    private SqlExpression ReadComparison()
    {
        var left = ReadPrimary();
        ComparisonOperator? comparison = Current.Kind != TokenKind.Symbol ? null : Current.Text switch
        {
            "=" => ComparisonOperator.Equal,
            "!=" or "<>" => ComparisonOperator.NotEqual,
            "<" => ComparisonOperator.Less,
            "<=" => ComparisonOperator.LessOrEqual,
            ">" => ComparisonOperator.Greater,
            ">=" => ComparisonOperator.GreaterOrEqual,
            _ => null,
        };
        if (comparison is { } found)
        {
            _at++;
            return new ComparisonExpression(found, left, ReadPrimary());
        }

        var negated = Accept("NOT");
        SqlExpression? test = null;
        if (Accept("IN"))
        {
            test = new InExpression(left, ReadList());
        }
        else if (Accept("BETWEEN"))
        {
            var low = ReadPrimary();
            Expect("AND");
            test = new BetweenExpression(left, low, ReadPrimary());
        }
        else if (Accept("LIKE"))
        {
            test = ReadLike(left);
        }
        else if (negated)
        {
            throw Error($"IN, BETWEEN or LIKE is expected after NOT, not {Current}", Current.Position);
        }

        return test is null ? left : negated ? new NotExpression(test) : test;
    }

    private LikeExpression ReadLike(SqlExpression operand)
    {
        if (Current.Kind != TokenKind.Text || Current.Text.AsSpan().IndexOfAny('[', '\\') >= 0)
            throw Error("LIKE takes a literal pattern with % and _ only", Current.Position);
        var pattern = Current.Text;
        _at++;
        if (Current.IsKeyword("ESCAPE"))
            throw Error("ESCAPE is not supported", Current.Position);
        return new(operand, pattern);
    }

    private SqlExpression[] ReadList()
    {
        ExpectSymbol("(");
        var list = new List<SqlExpression>();
        do
            list.Add(ReadExpression());
        while (AcceptSymbol(","));
        ExpectSymbol(")");
        return [.. list];
    }

    private SqlExpression ReadPrimary()
    {
        var token = Current;
        _at++;
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new ConstantExpression(SqlValue.Of(token.Text));
            case TokenKind.Number:
                return new ConstantExpression(SqlValue.Of(token.Number));
            case TokenKind.Parameter:
                return ReadParameter(token);
            case TokenKind.Symbol when token.Text == "(":
                if (Current.IsKeyword("SELECT"))
                    throw Error("subqueries are not supported", token.Position);
                var inner = ReadExpression();
                ExpectSymbol(")");
                return inner;
            case TokenKind.Symbol when token.Text == "-" && Current.Kind == TokenKind.Number:
                _at++;
                return new ConstantExpression(SqlValue.Of(-_tokens[_at - 1].Number));
            case TokenKind.Symbol when token.Text == "[":
                return ReadArray(token);
            case TokenKind.Name when Current.IsSymbol("("):
                return ReadCall(token);
            case TokenKind.Name:
                return ReadPathOrLiteral(token);
            default:
                throw Error($"an expression is expected, not {token}", token.Position);
        }
    }

    private ParameterExpression ReadParameter(Token token)
    {
        var index = _parameters.IndexOf(token.Text);
        if (index < 0)
        {
            index = _parameters.Count;
            _parameters.Add(token.Text);
        }

        return new(index);
    }

    private SqlExpression ReadPathOrLiteral(Token token)
    {
        if (token.IsKeyword("true"))
            return new ConstantExpression(SqlValue.True);
        if (token.IsKeyword("false"))
            return new ConstantExpression(SqlValue.False);
        if (token.IsKeyword("null"))
            return new ConstantExpression(SqlValue.Null);
        if (token.IsKeyword("undefined"))
            return new ConstantExpression(SqlValue.Undefined);
        if (token.IsKeyword("udf"))
            throw Error("udf is not supported", token.Position);

        var steps = new List<PathStep>();
        while (true)
        {
            if (AcceptSymbol("."))
            {
                steps.Add(new(ReadName("a property")));
            }
            else if (AcceptSymbol("["))
            {
                var step = Current;
                _at++;
                steps.Add(step.Kind switch
                {
                    TokenKind.Text => new(step.Text),
                    TokenKind.Number when step.Number is >= 0 and <= int.MaxValue && step.Number == Math.Floor(step.Number) =>
                        new(null, (int)step.Number),
                    _ => throw Error($"a property name or index is expected, not {step}", step.Position),
                });
                ExpectSymbol("]");
            }
            else
            {
                break;
            }
        }

        _roots.Add((token.Text, token.Position));
        return new PathExpression([.. steps]);
    }

    private ConstantExpression ReadArray(Token open)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            while (!AcceptSymbol("]"))
            {
                if (ReadPrimary() is not ConstantExpression element)
                    throw Error("an array may hold literals only", open.Position);
                element.Evaluate(null!).WriteTo(writer);
                if (!Current.IsSymbol("]"))
                    ExpectSymbol(",");
            }

            writer.WriteEndArray();
        }

        return new(SqlValue.Of(JsonDocument.Parse(buffer.ToArray()).RootElement));
    }

    private SqlExpression ReadCall(Token name)
    {
        ExpectSymbol("(");
        if (AggregateExpression.Find(name) is { } kind)
            return ReadAggregate(kind, name);
        var function = SqlFunction.Find(name.Text);
        if (function is null)
            throw Error($"the function {name.Text} is not supported", name.Position);
        var arguments = new List<SqlExpression>();
        while (!AcceptSymbol(")"))
        {
            arguments.Add(ReadExpression());
            if (!Current.IsSymbol(")"))
                ExpectSymbol(",");
        }

        if (arguments.Count < function.MinArguments || arguments.Count > function.MaxArguments)
            throw Error($"{function.Name} takes {function.MinArguments} to {function.MaxArguments} arguments", name.Position);
        return new FunctionExpression(function, [.. arguments]);
    }
}
