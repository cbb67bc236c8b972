namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Literals, paths, functions, subqueries.</summary>
internal sealed partial class SqlParser
{
    private SqlExpression ReadPrimary()
    {
        var start = Current.Position;
        var expression = ReadMembers(ReadOperand());
        return OfGroup(expression, start);
    }

    private SqlExpression ReadOperand()
    {
        var token = Current;
        if (IsSubqueryNext)
            return new SubqueryExpression(SubqueryKind.Scalar, ReadSubquery());
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
                var inner = ReadExpression();
                ExpectSymbol(")");
                return inner;
            case TokenKind.Symbol when token.Text == "[":
                return ReadArray();
            case TokenKind.Symbol when token.Text == "{":
                return ReadObject();
            case TokenKind.Name when token.IsKeyword("udf") && Current.IsSymbol("."):
                throw Error("udf: user-defined functions do not run here; write the expression out, or compute it in the client", token.Position);
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
        return new PathExpression(Resolve(token), token.Text, []);
    }

    /// <summary>Reads <c>.a</c>, <c>["a"]</c>, <c>[0]</c> and <c>[expression]</c>.</summary>
    private SqlExpression ReadMembers(SqlExpression target)
    {
        var steps = new List<PathStep>();
        var indexes = new List<SqlExpression>();
        while (true)
        {
            if (AcceptSymbol("."))
            {
                AddStep(new(ReadName("a property")));
            }
            else if (AcceptSymbol("["))
            {
                var step = Current;
                var isClosed = Following.IsSymbol("]");
                if (isClosed && step.Kind == TokenKind.Text)
                    AddStep(new(step.Text));
                else if (isClosed && step.Kind == TokenKind.Number && step.Number is >= 0 and <= int.MaxValue && step.Number == Math.Floor(step.Number))
                    AddStep(new(null, (int)step.Number));
                else
                    indexes.Add(ReadExpression());
                if (isClosed && Current.Position == step.Position)
                    _at++;
                ExpectSymbol("]");
            }
            else
            {
                break;
            }
        }

        if (steps.Count > 0)
            target = ((PathExpression)target).Then(steps);
        return indexes.Count == 0 ? target : new MemberExpression(target, [.. indexes]);

        void AddStep(PathStep step)
        {
            // Clients write {"a": c.a}["a"], which is the path that an index or ORDER BY takes.
            if (target is ObjectExpression made && indexes.Count == 0 && step.Name is not null)
                target = made.Property(step.Name);
            else if (target is PathExpression && indexes.Count == 0)
                steps.Add(step);
            else
                indexes.Add(new ConstantExpression(step.Name is { } name ? SqlValue.Of(name) : SqlValue.Of((double)step.Index)));
        }
    }

    private SqlExpression ReadArray()
    {
        var elements = new List<SqlExpression>();
        while (!AcceptSymbol("]"))
        {
            elements.Add(ReadExpression());
            if (!Current.IsSymbol("]"))
                ExpectSymbol(",");
        }

        return Folded(new ArrayExpression([.. elements]), elements);
    }

    private SqlExpression ReadObject()
    {
        var properties = new List<SelectItem>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!AcceptSymbol("}"))
        {
            var token = Current;
            if (token.Kind is not (TokenKind.Text or TokenKind.Name))
                throw Error($"a property name is expected, not {token}", token.Position);
            _at++;
            ExpectSymbol(":");
            if (!names.Add(token.Text))
                throw Error($"the property '{token.Text}' is there twice", token.Position);
            properties.Add(new(token.Text, ReadExpression()));
            if (!Current.IsSymbol("}"))
                ExpectSymbol(",");
        }

        return Folded(new ObjectExpression(properties), properties.Select(property => property.Expression));
    }

    /// <summary>A literal is made once, and an index knows what it is.</summary>
    private static SqlExpression Folded(SqlExpression expression, IEnumerable<SqlExpression> parts) =>
        parts.All(part => part is ConstantExpression) ? new ConstantExpression(expression.Evaluate(null!)) : expression;

    private SqlExpression ReadCall(Token name)
    {
        if (Following.IsKeyword("SELECT") && (name.IsKeyword("EXISTS") || name.IsKeyword("ARRAY")))
            return new SubqueryExpression(name.IsKeyword("ARRAY") ? SubqueryKind.Array : SubqueryKind.Exists, ReadSubquery());
        ExpectSymbol("(");
        if (AggregateExpression.Find(name) is { } kind)
            return ReadAggregate(kind, name);
        var function = SqlFunction.Find(name.Text) ?? throw Error(Unknown(name.Text), name.Position);
        var arguments = new List<SqlExpression>();
        while (!AcceptSymbol(")"))
        {
            arguments.Add(ReadExpression());
            if (!Current.IsSymbol(")"))
                ExpectSymbol(",");
        }

        if (arguments.Count < function.MinArguments || arguments.Count > function.MaxArguments)
            throw Error($"{function.Name} takes {function.Arity} arguments, not {arguments.Count}", name.Position);
        return string.Equals(function.Name, SqlFunction.Conditional, StringComparison.Ordinal)
            ? new ConditionalExpression(arguments[0], arguments[1], arguments[2])
            : new FunctionExpression(function, [.. arguments]);
    }

    private static string Unknown(string function) => function.ToUpperInvariant() switch
    {
        var name when name.StartsWith("ST_", StringComparison.Ordinal) => $"the spatial function {function} is not supported; compare coordinates as numbers",
        var name when name.StartsWith("FULLTEXT", StringComparison.Ordinal) || name is "VECTORDISTANCE" or "RRF" =>
            $"the search function {function} is not supported; test it in Azure",
        "EXISTS" or "ARRAY" => $"{function} takes a subquery: {function}(SELECT ...)",
        _ => $"the function {function} is not supported; compute it in the client",
    };
}
