using Pipeline.Local;
using Pipeline.Local.Hosting;

namespace Pipeline.Tests.Hosting;

public sealed class ReservedPortsTests
{
    [Fact]
    public void One_port_for_two_settings_is_an_error_that_names_both()
    {
        using var ports = new ReservedPorts();
        var http = ports.Reserve(0, "Local:HttpPort");

        var error = Assert.Throws<StartupException>(() => ports.Reserve(http, "Local:CosmosPort"));

        Assert.Equal(Invariant($"Local:HttpPort and Local:CosmosPort are both {http}. Set one of them to another port."), error.Message);
    }

    [Fact]
    public void Free_ports_differ()
    {
        using var ports = new ReservedPorts();

        Assert.Equal(50, Enumerable.Range(0, 50).Select(_ => ports.Reserve(0, "Local:HttpPort")).Distinct().Count());
    }
}
