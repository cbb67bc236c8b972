using System.Reflection;
using Pipeline.Local.Worker;

namespace Pipeline.Tests.Worker;

public sealed class FunctionCallTests
{
    /// <summary>
    /// Reflection may give two hosts that start at once objects of their own for one parameter; a derived type's view of the
    /// method does so for certain.
    /// </summary>
    [Fact]
    public void The_trigger_parameter_is_known_by_its_place()
    {
        var method = typeof(Declaring).GetMethod(nameof(Declaring.Run))!;
        var parameter = typeof(Derived).GetMethod(nameof(Declaring.Run))!.GetParameters()[0];
        Assert.NotSame(method.GetParameters()[0], parameter);
        Assert.NotNull(FunctionCall.Compile(method, parameter, new AnyTrigger()));
    }

    private class Declaring
    {
        public virtual void Run(string input) => _ = input;
    }

    private sealed class Derived : Declaring;

    private sealed class AnyTrigger : FunctionTrigger
    {
        public override string Description => "any";

        public override string? ProblemWith(ParameterInfo triggerParameter) => null;
    }
}
