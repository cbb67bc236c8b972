namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Expressions of operators, by their precedence.</summary>
internal sealed partial class SqlParser
{
    private const int MaxDepth = 150;

    private int _depth;

    /// <summary>Operators with two operands in the expression that is being read, outside parentheses.</summary>
    private int _operators;

    /// <summary>From the loosest to the closest.</summary>
    private enum Precedence
    {
        None,
        Or,
        And,
        Test,
        BitOr,
        BitXor,
        BitAnd,
        Equality,
        Relation,
        Sum,
        Product,
        Operand,
    }

    private SqlExpression ReadExpression()
    {
        Enter();
        var operators = _operators;
        _operators = 0;
        var expression = ReadCoalesce();
        if (AcceptSymbol("?"))
        {
            var consequent = ReadExpression();
            ExpectSymbol(":");
            expression = new ConditionalExpression(expression, consequent, ReadExpression());
        }

        _operators = operators;
        _depth--;
        return expression;
    }

    /// <summary>A stack overflow would end the process, which no query may do.</summary>
    private void Enter()
    {
        if (++_depth > MaxDepth)
            throw Error("the query is nested too deeply", Current.Position);
    }

    private SqlExpression ReadCoalesce()
    {
        var first = ReadConcat();
        if (!Current.IsSymbol("??"))
            return first;
        var operands = new List<SqlExpression> { first };
        while (AcceptSymbol("??"))
            operands.Add(ReadConcat());
        return new CoalesceExpression([.. operands]);
    }

    /// <summary>
    /// <c>||</c> beside other operators needs parentheses: Azure's grammar gives it another place than most would think, and
    /// a query that means something else there is worse than none.
    /// </summary>
    private SqlExpression ReadConcat()
    {
        var operators = _operators;
        var first = ReadBinary(Precedence.Or);
        if (!Current.IsSymbol("||"))
            return first;
        var start = Current.Position;
        var operands = new List<SqlExpression> { first };
        while (AcceptSymbol("||"))
            operands.Add(ReadBinary(Precedence.Or));
        if (_operators > operators)
            throw Error("|| beside other operators needs parentheses: (a || b) = c", start);
        return new ConcatExpression([.. operands]);
    }

    private SqlExpression ReadBinary(Precedence atLeast)
    {
        var left = ReadUnary();
        for (var next = PrecedenceOf(Current); next != Precedence.None && next >= atLeast; next = PrecedenceOf(Current))
        {
            _operators++;
            left = next switch
            {
                Precedence.Or or Precedence.And => ReadLogical(left, next),
                Precedence.Test => ReadTest(left),
                Precedence.Equality or Precedence.Relation => ReadComparison(left, next),
                _ => ReadArithmetic(left, next),
            };
        }

        return left;
    }

    private Precedence PrecedenceOf(Token token) => token.Kind switch
    {
        TokenKind.Symbol => token.Text switch
        {
            "|" => Precedence.BitOr,
            "^" => Precedence.BitXor,
            "&" => Precedence.BitAnd,
            "=" or "!=" or "<>" => Precedence.Equality,
            "<" or "<=" or ">" or ">=" => Precedence.Relation,
            "+" or "-" => Precedence.Sum,
            "*" or "/" or "%" => Precedence.Product,
            _ => Precedence.None,
        },
        TokenKind.Name when token.IsKeyword("OR") => Precedence.Or,
        TokenKind.Name when token.IsKeyword("AND") => Precedence.And,
        TokenKind.Name when IsTest(token) || (token.IsKeyword("NOT") && IsTest(Following)) => Precedence.Test,
        _ => Precedence.None,
    };

    private static bool IsTest(Token token) => token.IsKeyword("IN") || token.IsKeyword("BETWEEN") || token.IsKeyword("LIKE");

    private LogicalExpression ReadLogical(SqlExpression first, Precedence precedence)
    {
        var keyword = precedence == Precedence.And ? "AND" : "OR";
        var operands = new List<SqlExpression> { first };
        while (Accept(keyword))
            operands.Add(ReadBinary(precedence + 1));
        return new(precedence == Precedence.And, [.. operands]);
    }

    private ComparisonExpression ReadComparison(SqlExpression left, Precedence precedence)
    {
        // From left to right: a = b = c is (a = b) = c, one within the other.
        Enter();
        var comparison = Current.Text switch
        {
            "=" => ComparisonOperator.Equal,
            "!=" or "<>" => ComparisonOperator.NotEqual,
            "<" => ComparisonOperator.Less,
            "<=" => ComparisonOperator.LessOrEqual,
            ">" => ComparisonOperator.Greater,
            _ => ComparisonOperator.GreaterOrEqual,
        };
        _at++;
        var expression = new ComparisonExpression(comparison, left, ReadBinary(precedence + 1));
        if (PrecedenceOf(Current) == precedence)
            expression = ReadComparison(expression, precedence);
        _depth--;
        return expression;
    }

    private ArithmeticExpression ReadArithmetic(SqlExpression first, Precedence precedence)
    {
        var rest = new List<(ArithmeticOperator, SqlExpression)>();
        while (PrecedenceOf(Current) == precedence)
        {
            var op = Current.Text switch
            {
                "+" => ArithmeticOperator.Add,
                "-" => ArithmeticOperator.Subtract,
                "*" => ArithmeticOperator.Multiply,
                "/" => ArithmeticOperator.Divide,
                "%" => ArithmeticOperator.Modulo,
                "&" => ArithmeticOperator.BitAnd,
                "|" => ArithmeticOperator.BitOr,
                _ => ArithmeticOperator.BitXor,
            };
            _at++;
            rest.Add((op, ReadBinary(precedence + 1)));
        }

        return new(first, rest);
    }

    private SqlExpression ReadUnary()
    {
        if (Current.IsKeyword("NOT") && !IsTest(Following))
        {
            var negations = 0;
            for (; Accept("NOT"); negations++)
            {
            }

            var operand = ReadBinary(Precedence.Test);
            // Twice is not the same as not at all: of what is no boolean it makes undefined.
            for (negations = 1 + (negations + 1) % 2; negations > 0; negations--)
                operand = new NotExpression(operand);
            return operand;
        }

        if (!Current.IsSymbol("-") && !Current.IsSymbol("+") && !Current.IsSymbol("~"))
            return ReadPrimary();
        Enter();
        var sign = Current.Text[0];
        _at++;
        var signed = ReadUnary();
        _depth--;
        return signed is ConstantExpression constant ? new ConstantExpression(SignExpression.Of(sign, constant.Value)) : new SignExpression(sign, signed);
    }
}
