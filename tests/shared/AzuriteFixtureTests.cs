using System.Reflection;

namespace Pipeline.Tests;

public sealed class AzuriteFixtureTests
{
    /// <summary>Without it the first test on a machine would wait for npm with the patience that it has for something else.</summary>
    [Fact]
    public void Every_class_with_a_test_that_needs_Azurite_has_it_installed_before()
    {
        var classes = typeof(AzuriteFixtureTests).Assembly.GetTypes()
            .Where(t => t.GetMethods().Any(m => m.GetCustomAttribute<AzuriteFactAttribute>() is not null)).ToList();
        Assert.NotEmpty(classes);
        Assert.All(classes, c => Assert.True(typeof(IClassFixture<AzuriteFixture>).IsAssignableFrom(c), c.Name));
    }
}
